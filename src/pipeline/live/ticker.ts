import type { Ports } from '../../ports/index.ts'
import { formatSecond, type Second } from '../../time.ts'
import type { StreamTick } from '../results.ts'

const TICK_MS = 1_000

/** About once a second: how fast, how late, how far. */
export class Ticker {
  private readonly ports: Ports
  private readonly asked: number | undefined
  private readonly onTick: ((tick: StreamTick) => void) | undefined
  private last = performance.now()
  private lastEvents = 0
  private worstMs = 0

  constructor(ports: Ports, asked: number | undefined, onTick: ((tick: StreamTick) => void) | undefined) {
    this.ports = ports
    this.asked = asked
    this.onTick = onTick
  }

  async tick(position: Second, events: number, lagMs: number): Promise<void> {
    this.worstMs = Math.max(this.worstMs, lagMs)
    const now = performance.now()
    if (now - this.last < TICK_MS) return
    const reached = Math.round(((events - this.lastEvents) / (now - this.last)) * 1000)
    const tick: StreamTick = {
      position: formatSecond(position),
      events,
      asked: this.asked === undefined ? undefined : Math.round(this.asked * 10) / 10,
      reached,
      lagMs: Math.round(this.worstMs),
    }
    this.onTick?.(tick)
    await this.ports.workspace.recordTick({ ...tick, pid: process.pid, at: new Date().toISOString() })
    this.last = now
    this.lastEvents = events
    this.worstMs = 0
  }
}
