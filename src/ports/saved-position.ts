import { clock } from '../clock.ts'
import { formatSecond, parseSecond, type Second } from '../time.ts'
import type { EventBatch, Progress, Repeat } from './destination.ts'

/** Between saves. A stream that is killed repeats at most this much. */
const SAVE_MS = 1_000
/** Repeats that are remembered. */
const REPEATS_MOST = 100

/** The record of a destination. Everything before `sending` may have been sent; undefined: nothing after `position`. */
export interface SentRecord extends Progress {
  sending?: Second | undefined
}

/** As it is kept: instants as text. */
interface WrittenRecord {
  since: string
  position: string
  sending?: string
  repeats?: { at: string; from: string; to: string }[]
}

export const writtenRecord = ({ since, position, sending, repeats = [] }: SentRecord): WrittenRecord => ({
  ...{ since: formatSecond(since!), position: formatSecond(position!) },
  ...(sending !== undefined && { sending: formatSecond(sending) }),
  ...(repeats.length > 0 && {
    repeats: repeats.map(({ at, from, to }) => ({ at, from: formatSecond(from), to: formatSecond(to) })),
  }),
})

export function readRecord(written: WrittenRecord | undefined): SentRecord {
  if (!written) return { since: undefined, position: undefined }
  const { since, position, sending, repeats } = written
  return {
    ...{ since: parseSecond(since), position: parseSecond(position) },
    ...(sending !== undefined && { sending: parseSecond(sending) }),
    ...(repeats && {
      repeats: repeats.map(({ at, from, to }) => ({ at, from: parseSecond(from)!, to: parseSecond(to)! })),
    }),
  }
}

/** The repeats that the record has when a new stream begins. */
export function repeatsAfter({ position, sending, repeats = [] }: SentRecord): readonly Repeat[] {
  if (position === undefined || sending === undefined || sending <= position) return repeats
  const again = { at: new Date(clock.now()).toISOString(), from: position, to: sending }
  return [...repeats, again].slice(-REPEATS_MOST)
}

/**
 * The position of a destination that may repeat events: it is saved after the events that it covers are acknowledged.
 * Before any is sent, the record says how far sending may go, so that the next stream knows what it repeats after a kill.
 */
export class SavedPosition implements Progress {
  since: Second | undefined
  position: Second | undefined
  repeats: readonly Repeat[] = []
  sending: Second | undefined
  private started = false
  private acknowledged: Record<'since' | 'position', Second> | undefined
  private savedAt = 0
  private readonly write: (record: SentRecord) => Promise<void>
  private readonly saveMs: number

  constructor(write: (record: SentRecord) => Promise<void>, saveMs = SAVE_MS) {
    this.write = write
    this.saveMs = saveMs
  }

  /** What an earlier stream has saved. */
  restore({ since, position, sending, repeats = [] }: SentRecord): void {
    this.since = since
    this.position = position
    this.sending = sending
    this.repeats = repeats
  }

  /** Call it before anything of a batch is sent: from here on, a restart begins where this stream began. */
  async begin({ since, from, to }: EventBatch): Promise<void> {
    const { position, sending } = this
    if (!this.started) this.repeats = repeatsAfter(this)
    this.started = true
    // After a kill, the record that the killed stream has left names the period until it is replaced.
    if (sending !== undefined && to <= sending) return
    const safe = this.acknowledged ?? { since: this.since ?? since, position: position ?? from }
    await this.save({ ...safe, sending: Math.max(sending ?? to, this.ahead(to, from)) })
  }

  /** Call it when all of the batch is acknowledged. */
  async acknowledge({ since, to }: EventBatch): Promise<void> {
    this.acknowledged = { since, position: to }
    if (performance.now() - this.savedAt >= this.saveMs)
      await this.save({ ...this.acknowledged, sending: this.ahead(to, this.position!) })
  }

  /** Nothing is being sent. */
  async flush(): Promise<void> {
    const safe = this.acknowledged
    if (!safe || (safe.since === this.since && safe.position === this.position && this.sending === undefined)) return
    await this.save(safe)
  }

  /** Twice as much again as since the last save: sending seldom goes further before the next one. */
  private ahead(to: Second, begin: Second): Second {
    return to + 2 * (to - (this.position ?? begin))
  }

  private async save({ since, position, sending }: SentRecord): Promise<void> {
    await this.write({ since, position, sending, repeats: this.repeats })
    this.since = since
    this.position = position
    this.sending = sending
    this.savedAt = performance.now()
  }
}
