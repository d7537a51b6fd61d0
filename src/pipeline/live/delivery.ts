import type { ColumnBatch } from '../../simulator/column-batch.ts'
import { SECONDS_PER_DAY, type Second } from '../../time.ts'
import type { Rebuilt } from '../history/repair.ts'
import type { StreamClock } from './clock.ts'
import { type Due, standsStill } from './due.ts'

/** The destination of live events. */
export interface Sink {
  /** Everything before it was delivered; a new run resumes here. */
  readonly position: Second
  readonly batches: number
  /** What it rebuilt before it started; undefined where it rebuilds nothing. */
  readonly rebuilt?: readonly Rebuilt[]
  /** The number of events that it takes in one batch without a long wait; undefined: any number. */
  readonly most?: number
  /** Delivers [position, to), which may hold no row. */
  write(to: Second, rows: ColumnBatch): Promise<void>
  close(): Promise<void>
  /** After a failure: resolves when nothing runs in the background. Never rejects. */
  abandon(): Promise<void>
}

/** How often quiet time is recorded; each record is a batch without rows. */
const QUIET_MS = 50_000
/** A position that is this far behind the released events is stuck. */
const STILL_MS = 180_000
/** Longer than any sequence of retries. */
const WRITE_MS = 900_000

/**
 * Writes rows as they arrive, and records the position of quiet time at midnights, about once a minute, and at the end.
 */
export class Delivery {
  private readonly sink: Sink
  private readonly clock: StreamClock
  private readonly writeMs: number
  private writtenAt: number
  private owed: { to: Second; since: number }

  /** `writeMs`: a write that takes longer fails; measured with the machine's timers. */
  constructor(sink: Sink, clock: StreamClock, writeMs = WRITE_MS) {
    this.writeMs = writeMs
    this.sink = sink
    this.clock = clock
    this.writtenAt = clock.now()
    this.owed = { to: sink.position, since: this.writtenAt }
  }

  get position(): Second {
    return this.sink.position
  }

  /** True if something was written. */
  async take({ to, rows }: Due): Promise<boolean> {
    const quiet = rows.n === 0
    const wait = quiet && to % SECONDS_PER_DAY !== 0 && this.clock.now() - this.writtenAt < QUIET_MS
    if (!wait) await this.write(to, rows)
    this.watch(to)
    return !wait
  }

  /** Records the quiet time since the last row. `rows` is empty. */
  async close(to: Second, rows: ColumnBatch): Promise<void> {
    await this.write(to, rows)
    await this.sink.close()
    if (this.sink.position !== to) throw standsStill(this.sink.position, to)
  }

  private async write(to: Second, rows: ColumnBatch): Promise<void> {
    if (to === this.sink.position) return
    await this.inTime(this.sink.write(to, rows), to)
    this.writtenAt = this.clock.now()
  }

  /** Fails if released events are not written in time. */
  private watch(to: Second): void {
    const now = this.clock.now()
    if (this.sink.position >= this.owed.to) this.owed = { to, since: now }
    else if (now - this.owed.since > STILL_MS) throw standsStill(this.sink.position, this.owed.to)
  }

  private async inTime(writing: Promise<void>, to: Second): Promise<void> {
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(standsStill(this.sink.position, to)), this.writeMs)
    })
    try {
      await Promise.race([writing, late])
    } finally {
      clearTimeout(timer)
    }
  }
}
