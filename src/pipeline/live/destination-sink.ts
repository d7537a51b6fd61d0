import { pagesOf } from '../../encode/event-pages.ts'
import { storeId } from '../../encode/facts.ts'
import { idPrefix } from '../../encode/ids.ts'
import { SentBatch, sentPagesOf } from '../../faults/index.ts'
import type { Destination, EventBatch, EventSource, Shard } from '../../ports/index.ts'
import { sourceName } from '../../ports/source-name.ts'
import type { ColumnBatch } from '../../simulator/column-batch.ts'
import { byFact, type FactName, facts } from '../../tables/index.ts'
import type { Second } from '../../time.ts'
import type { World } from '../../world/world.ts'
import type { StreamClock } from './clock.ts'
import type { Sink } from './delivery.ts'

/** A delivery that takes longer is reported, and every time this has passed again. */
const PATIENCE_MS = 5_000
/** A batch that a slow destination takes in this time: progress is shown, and Ctrl-C answered, in between. */
const BATCH_MS = 500
const LEAST_EVENTS = 200
/**
 * A batch takes some ten milliseconds to simulate and encode. In that time, work in the background, such as sending the
 * batch before it, makes no progress.
 */
const MOST_EVENTS = 10_000
/** Of a destination whose speed is unknown. */
const FIRST_EVENTS = 2_000

/** The stream waits for its destination. */
export interface Waiting {
  location: string
  /** Since the delivery began. */
  seconds: number
  /** Why it does not take events; undefined if it is only slow. */
  why: string | undefined
}

/** Delivers batches to a destination, which keeps the position. */
export class DestinationSink implements Sink {
  private readonly destination: Destination
  private readonly world: World
  private readonly clock: StreamClock
  private readonly onWait: ((waiting: Waiting) => void) | undefined
  private taken: Second
  private readonly begin: Second
  /** Where its events begin. A stream whose faults were all delivered moves it to its end. */
  since: Second
  private deliveries = 0
  /** Milliseconds for which the stream has waited for the destination. */
  waitedMs = 0
  /** The number of events that it takes in BATCH_MS. */
  most = FIRST_EVENTS
  /** Events, and milliseconds that it took them; older ones count half as much with each batch. */
  private recent = { events: 0, ms: 0 }

  /** `begin`: where a destination without a position begins. */
  constructor(
    destination: Destination,
    world: World,
    begin: Second,
    { clock, onWait }: { clock: StreamClock; onWait?: ((waiting: Waiting) => void) | undefined },
  ) {
    this.destination = destination
    this.world = world
    this.clock = clock
    this.onWait = onWait
    this.begin = destination.position ?? begin
    this.taken = this.begin
    this.since = destination.since ?? this.begin
  }

  get location(): string {
    return this.destination.location
  }

  get batches(): number {
    return this.destination.batches ?? this.deliveries
  }

  get position(): Second {
    return Math.max(this.begin, this.destination.position ?? this.begin)
  }

  async write(to: Second, rows: ColumnBatch): Promise<void> {
    if (to === this.taken) return
    const batch = new TimelineBatch(this.world, { from: this.taken, to, since: this.since }, rows)
    const ms = await this.waiting(this.destination.deliver(batch))
    this.taken = to
    this.deliveries++
    if (rows.n > 0) this.adapt(rows.n, ms)
  }

  async close(): Promise<void> {
    await this.waiting(this.destination.flush())
  }

  async abandon(): Promise<void> {}

  /** What works in the background takes some batches immediately, and makes others wait. */
  private adapt(events: number, ms: number): void {
    const { recent } = this
    this.recent = { events: recent.events / 2 + events, ms: recent.ms / 2 + ms }
    const taken = (this.recent.events / Math.max(1, this.recent.ms)) * BATCH_MS
    this.most = Math.max(LEAST_EVENTS, Math.min(MOST_EVENTS, 2 * this.most, Math.round(taken)))
  }

  /** Resolves to the milliseconds that it took. */
  private async waiting(work: Promise<void>): Promise<number> {
    const began = this.clock.now()
    const { location } = this.destination
    const timer = setInterval(() => {
      const seconds = (this.clock.now() - began) / 1000
      this.onWait?.({ location, seconds, why: this.destination.trouble })
    }, PATIENCE_MS)
    try {
      await work
    } finally {
      clearInterval(timer)
    }
    const ms = this.clock.now() - began
    this.waitedMs += ms
    return ms
  }
}

/** A column batch as events. */
class TimelineBatch implements EventBatch {
  readonly from: Second
  readonly to: Second
  readonly since: Second
  readonly rows: Record<FactName, number>
  private readonly world: World
  private readonly columns: ColumnBatch

  constructor(world: World, { from, to, since }: Record<'from' | 'to' | 'since', Second>, columns: ColumnBatch) {
    this.world = world
    this.from = from
    this.to = to
    this.since = since
    this.columns = columns
    this.rows = byFact((name) => columns.facts[name].rows.n)
  }

  pages: EventBatch['pages'] = (form, table) => {
    const names = table ? [table] : facts.map(({ name }) => name)
    const { columns } = this
    return columns instanceof SentBatch
      ? sentPagesOf(this.world, columns, form, names)
      : pagesOf(this.world, columns, form, names)
  }
}

/** `profile`: the digest of the faults, if there are any. `shard`: of its stores only. */
export const sourceOf = (world: World, profile?: string, shard?: Shard): EventSource => ({
  world: sourceName(world.id, profile, shard),
  origin: sourceName(world.id, profile, undefined),
  schema: world.schema,
  idLength: idPrefix('T', 0, 0, world.ids).length + world.ids.number,
  storeCount: world.counts.store,
  storeId: (store) => storeId(world, store),
})
