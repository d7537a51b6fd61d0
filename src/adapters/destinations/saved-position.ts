import type { EventBatch, Progress } from '../../ports/index.ts'
import type { Second } from '../../time.ts'

/** A stream that is killed repeats at most this much. */
const SAVE_MS = 1_000

type Save = (since: Second, position: Second) => Promise<void>

/** The position of a destination that may repeat events: it is saved after the events that it covers are acknowledged. */
export class SavedPosition implements Progress {
  since: Second | undefined
  position: Second | undefined
  private acknowledged: Record<'since' | 'position', Second> | undefined
  private savedAt = 0
  private readonly write: Save

  constructor(write: Save) {
    this.write = write
  }

  /** What an earlier stream has saved. */
  restore({ since, position }: Progress): void {
    this.since = since
    this.position = position
  }

  /** Call it before anything of a batch is sent: from here on, a restart begins where this stream began. */
  async begin({ since, from }: EventBatch): Promise<void> {
    if (this.since === undefined) await this.save(since, from)
  }

  /** Call it when all of the batch is acknowledged. */
  async acknowledge({ since, to }: EventBatch): Promise<void> {
    this.acknowledged = { since, position: to }
    if (performance.now() - this.savedAt >= SAVE_MS) await this.flush()
  }

  async flush(): Promise<void> {
    const { since, position } = this.acknowledged ?? this
    if (since === this.since && position === this.position) return
    await this.save(since!, position!)
  }

  private async save(since: Second, position: Second): Promise<void> {
    await this.write(since, position)
    this.since = since
    this.position = position
    this.savedAt = performance.now()
  }
}
