import type { Workspace } from '../../ports/index.ts'
import { formatSecond, type Second } from '../../time.ts'
import type { Asked } from './asked.ts'
import type { StreamClock } from './clock.ts'
import type { StreamTick } from './result.ts'
import { recordOf } from './stalled.ts'

const TICK_MS = 1_000

/** Reports rate, lag, and position about once per second. */
export class Ticker {
  private readonly workspace: Pick<Workspace, 'recordTick'>
  private readonly asked: Asked
  private readonly onTick: ((tick: StreamTick) => void) | undefined
  private readonly clock: StreamClock
  private readonly began: number
  private last: number
  private lastEvents = 0
  private worstMs = 0

  constructor(
    workspace: Pick<Workspace, 'recordTick'>,
    asked: Asked,
    onTick: ((tick: StreamTick) => void) | undefined,
    clock: StreamClock,
  ) {
    this.clock = clock
    this.began = clock.now()
    this.last = this.began
    this.workspace = workspace
    this.asked = asked
    this.onTick = onTick
  }

  /** Reports to other processes that this one is running. */
  async begin(position: Second): Promise<void> {
    const tick = { position: formatSecond(position), events: 0, asked: undefined, reached: 0, lagMs: 0 }
    await this.workspace.recordTick(recordOf(tick))
  }

  async tick(position: Second, events: number, lagMs: number): Promise<void> {
    this.worstMs = Math.max(this.worstMs, lagMs)
    const now = this.clock.now()
    if (now - this.last < TICK_MS) return
    const reached = Math.round(((events - this.lastEvents) / (now - this.last)) * 1000)
    const tick: StreamTick = {
      position: formatSecond(position),
      events,
      asked: this.askedSince(this.last, now),
      reached,
      lagMs: Math.round(this.worstMs),
    }
    this.onTick?.(tick)
    await this.workspace.recordTick(recordOf(tick))
    this.last = now
    this.lastEvents = events
    this.worstMs = 0
  }

  /** Requested events per second since the previous tick. */
  private askedSince(last: number, now: number): number | undefined {
    const [before, after] = [last, now].map((at) => this.asked.eventsIn(at - this.began))
    if (before === undefined || after === undefined) return undefined
    return Math.round(((after - before) / (now - last)) * 10_000) / 10
  }
}
