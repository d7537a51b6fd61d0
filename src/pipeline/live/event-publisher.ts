import { eventsOf } from '../../encode/events.ts'
import type { Broker, Checkpoint, Position, Shard } from '../../ports/index.ts'
import type { ColumnBatch } from '../../simulator/column-batch.ts'
import { byFact, type FactName, facts } from '../../tables/index.ts'
import { SECONDS_PER_DAY, type Second } from '../../time.ts'
import type { World } from '../../world/world.ts'
import { beginPublishing } from './begin-publishing.ts'
import { addCheckpoint, isMidnight } from './checkpoints.ts'

/**
 * Milliseconds between saves. Each save writes an object, which costs money: at two seconds, a stream would cost five
 * times as much. A crash repeats at most this much.
 */
export const SAVE_SECONDS = 10

/**
 * Delivers batches to a broker. The position is saved after the broker has accepted the events, never before: after a
 * crash, the events of the last seconds are sent again, and none is skipped. When it is asked to stop, it saves at once
 * what was accepted so far: if a broker hangs, whoever asked may kill it before the batch on its way is accepted. Cloud Run
 * waits for ten seconds ("Container runtime contract").
 */
export class EventPublisher {
  private readonly broker: Broker
  private readonly world: World
  private readonly shard: Shard | undefined
  private state: Position
  private saved: Second
  /** Saved checkpoints and midnights; between two saves, only the last other instant counts. */
  private kept: readonly Checkpoint[]
  private readonly now: () => number
  private savedAt: number
  private saving: Promise<void> = Promise.resolve()
  batches = 0

  private constructor(
    broker: Broker,
    world: World,
    state: Position,
    { now, shard }: { now: () => number; shard: Shard | undefined },
  ) {
    this.now = now
    this.savedAt = now()
    this.broker = broker
    this.world = world
    this.shard = shard
    this.state = state
    this.saved = state.position
    this.kept = state.checkpoints
  }

  /** `resendFrom` goes back. */
  static async open(
    broker: Broker,
    world: World,
    history: Second,
    { resendFrom, shard, now = () => performance.now(), signal }: PublisherOptions = {},
  ): Promise<EventPublisher> {
    const begin = await beginPublishing(broker, world, history, shard)
    const state = resendFrom === undefined ? begin : wentBack(begin, resendFrom)
    const publisher = new EventPublisher(broker, world, state, { now, shard })
    // Before anything is sent: this fails if another stream is running.
    await publisher.save()
    // A failure is not lost: `close` saves again, and throws.
    signal?.addEventListener('abort', () => void publisher.close().catch(() => {}), { once: true })
    return publisher
  }

  get position(): Second {
    return this.state.position
  }

  /** Resolves when the broker has accepted everything of [position, to). */
  async write(to: Second, rows: ColumnBatch): Promise<void> {
    const { broker, world } = this
    await Promise.all(facts.map(({ name }) => broker.publish(name, world.id, eventsOf(world, name, rows))))
    this.state = this.after(to, rows)
    this.batches++
    if (isMidnight({ at: to })) this.kept = this.state.checkpoints
    if (this.now() - this.savedAt >= SAVE_SECONDS * 1000) await this.save()
  }

  async close(): Promise<void> {
    if (this.saved !== this.state.position) await this.save()
  }

  async abandon(): Promise<void> {}

  /** Rows are counted at whole seconds: raw is compared by timestamps, which have no fraction. */
  private after(to: Second, rows: ColumnBatch): Position {
    const { position, checkpoints, rest = byFact(() => 0) } = this.state
    const at = Math.floor(to)
    const counted = checkpoints.at(-1)?.rows ?? byFact(() => 0)
    if (at < position) {
      const more = byFact((name) => rest[name] + rows.facts[name].rows.n)
      return { ...this.state, position: to, rest: more }
    }
    const within = byFact((name) => (at < to ? rowsFrom(rows, name, at) : 0))
    const next = byFact((name) => counted[name] + rest[name] + rows.facts[name].rows.n - within[name])
    return {
      ...this.state,
      position: to,
      checkpoints: addCheckpoint(this.kept, { at, rows: next }),
      rest: at < to ? within : undefined,
    }
  }

  /** One after another, because each replaces the version that the one before wrote. */
  private save(): Promise<void> {
    const after = async () => {
      const { state } = this
      await this.broker.savePosition(state, this.shard)
      this.saved = state.position
      this.kept = state.checkpoints
      this.savedAt = this.now()
    }
    // Its caller has the failure of the one before.
    this.saving = this.saving.catch(() => {}).then(after)
    return this.saving
  }
}

interface PublisherOptions {
  resendFrom?: Second | undefined
  /** Publishes the events of these stores only. */
  shard?: Shard | undefined
  now?: () => number
  /** It aborts when the stream has to stop. */
  signal?: AbortSignal | undefined
}

/** The number of rows of a fact in this second or later. */
function rowsFrom({ spans, facts }: ColumnBatch, name: FactName, second: Second): number {
  const { rows, length } = facts[name]
  let n = 0
  for (let span = 0, from = 0; span < spans.n; from += length[span++]) {
    const midnight = spans.day[span] * SECONDS_PER_DAY
    for (let row = from; row < from + length[span]; row++) if (midnight + rows.second[row] >= second) n++
  }
  return n
}

/** The last checkpoint at or before an instant, because rows are counted only at checkpoints. */
function wentBack(state: Position, to: Second): Position {
  const checkpoints = state.checkpoints.filter(({ at }: Checkpoint) => at <= to)
  return { ...state, position: checkpoints.at(-1)?.at ?? state.since, checkpoints, rest: undefined }
}
