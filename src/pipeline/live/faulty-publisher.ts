import { advise, retail } from '../../advice.ts'
import { RetailError } from '../../errors.ts'
import { Fate, type Fates } from '../../faults/index.ts'
import {
  type Broker,
  type Checkpoint,
  type Destination,
  type EventBatch,
  type EventMessage,
  type Position,
  readStreamed,
  SavedPosition,
  type SentRecord,
} from '../../ports/index.ts'
import { beginBlock } from '../../simulator/block.ts'
import { ColumnBatch } from '../../simulator/column-batch.ts'
import { LiveTimeline } from '../../simulator/live-timeline.ts'
import { byFact, type FactName, facts } from '../../tables/index.ts'
import { SECONDS_PER_DAY, SECONDS_PER_HOUR, type Second } from '../../time.ts'
import type { World } from '../../world/world.ts'
import { SAVE_SECONDS } from './event-publisher.ts'

/** The id comes first. */
const HEAD_BYTES = 64

interface Publishing {
  broker: Broker
  world: World
  fates: Fates
  profile: string
  /** The end of history in the lake. */
  history: Second
}

/**
 * The broker of a target as a destination of events with faults. It may repeat events after a failure, and keeps no
 * order, like the broker itself. When the stream was drained, its position says how many ids a right reader has: readers
 * of raw wait for these.
 */
export async function openFaultyPublisher(of: Publishing): Promise<Destination> {
  const { broker, world, profile, history } = of
  const streamed = await readStreamed(broker)
  const known = streamed?.whole.world === world.id ? streamed.whole : undefined
  if (known && streamed?.shards.some(({ started }) => started)) throw otherEvents(known)
  if (known && known.faults?.profile !== profile && known.position > history) throw otherEvents(known)
  const state: Position | undefined = known?.faults?.profile === profile ? known : undefined
  return new FaultyPublisher(of, state)
}

const otherEvents = ({ faults }: Position): RetailError =>
  new RetailError('foreign_world', 'the topics of this workspace have other events', {
    why: faults ? `they have the faults of profile ${faults.profile}` : 'they have no faults',
    hint: advise`use the same --faults and --without, or another workspace: ${retail('init')}`,
  })

class FaultyPublisher implements Destination {
  readonly trouble = undefined
  private readonly of: Publishing
  private readonly saved: SavedPosition
  /** Where the events of the topics begin, and what was counted at the last end. */
  private known: Pick<Position, 'since' | 'checkpoints'> | undefined

  constructor(of: Publishing, state: Position | undefined) {
    this.of = of
    this.known = state
    this.saved = new SavedPosition((record) => of.broker.savePosition(this.positionOf(record)), SAVE_SECONDS * 1000)
    if (state?.faults) {
      const { drained, sending, repeats } = state.faults
      this.saved.restore({ since: drained, position: state.position, sending, repeats })
    }
  }

  get location(): string {
    return this.of.broker.product
  }

  get position(): Second | undefined {
    return this.saved.position
  }

  get since(): Second | undefined {
    return this.saved.since
  }

  async deliver(batch: EventBatch): Promise<void> {
    const { broker, world } = this.of
    this.known ??= { since: batch.from, checkpoints: [] }
    // Before anything is sent: a restart begins here.
    await this.saved.begin(batch)
    await Promise.all(facts.map(({ name }) => broker.publish(name, world.id, this.messagesOf(batch, name))))
    const isDrained = batch.since === batch.to
    if (isDrained) this.known = { ...this.known, checkpoints: [await this.checkpoint(batch.to)] }
    await this.saved.acknowledge(batch)
    if (isDrained) await this.flush()
  }

  async flush(): Promise<void> {
    await this.saved.flush()
  }

  async [Symbol.asyncDispose](): Promise<void> {}

  private positionOf({ since, position, sending, repeats = [] }: SentRecord): Position {
    const { world, profile } = this.of
    return {
      ...{ ...this.known!, world: world.id, position: position! },
      faults: {
        ...{ profile, drained: since! },
        ...(sending !== undefined && { sending }),
        ...(repeats.length > 0 && { repeats }),
      },
    }
  }

  /** A message says the id in its event, if that can be read. The next page overwrites the bytes. */
  private *messagesOf(batch: EventBatch, table: FactName): Generator<EventMessage> {
    for (const { n, bytes, starts } of batch.pages('event', table))
      for (let i = 0; i < n; i++) {
        const data = Buffer.from(bytes.subarray(starts[i], starts[i + 1] - 1))
        const [, id = ''] = /^\{"\w+_id":"([\w-]+)"/.exec(data.toString('latin1', 0, HEAD_BYTES)) ?? []
        yield { id, data }
      }
  }

  /** Ids that a right reader has before the last whole hour, by the times in the events. */
  private async checkpoint(end: Second): Promise<Checkpoint> {
    const { world, fates } = this.of
    const at = Math.floor(end / SECONDS_PER_HOUR) * SECONDS_PER_HOUR
    const rows = byFact(() => 0)
    const { since } = this.known!
    const timeline = LiveTimeline.open(
      world,
      world.blocks.map((block) => beginBlock(world, block)),
      since,
    )
    const batch = new ColumnBatch(world.schema === 'extended', 1 << 14)
    while (timeline.position < end) {
      batch.clear()
      timeline.advanceTo(Math.min(end, timeline.position + SECONDS_PER_DAY), batch)
      countRight(batch, fates, { since, at }, rows)
    }
    return { at, rows }
  }
}

/** Adds the events that arrive readable, with a time from `since` to before `at` in them. */
function countRight(
  { spans, facts: cells }: ColumnBatch,
  fates: Fates,
  { since, at }: { since: Second; at: Second },
  rows: Record<FactName, number>,
): void {
  for (const [table, { name }] of facts.entries()) {
    const { length, first, rows: of } = cells[name]
    for (let span = 0, row = 0; span < spans.n; span++) {
      const [store, day] = [spans.store[span], spans.day[span]]
      const spanKey = fates.spanKey(table, day, store)
      const shift = day * SECONDS_PER_DAY + fates.skewOf(store, day)
      for (const end = row + length[span], offset = first[span] - row; row < end; row++) {
        const fate = fates.fateOf(fates.eventKey(spanKey, row + offset))
        const sent = shift + of.second[row]
        if (fate !== Fate.lost && fate !== Fate.malformed && sent >= since && sent < at) rows[name]++
      }
    }
  }
}
