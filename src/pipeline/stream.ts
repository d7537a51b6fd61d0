import { advise, retail } from '../advice.ts'
import { TIMELINE_END } from '../config/bounds.ts'
import type { Config } from '../config/schema.ts'
import { RetailError } from '../errors.ts'
import { type Fates, FaultyTimeline, SentBatch } from '../faults/index.ts'
import { type Ports, type Shard, shardInFile, shardName, type Workspace } from '../ports/index.ts'
import { ColumnBatch } from '../simulator/column-batch.ts'
import { LiveTimeline } from '../simulator/live-timeline.ts'
import { formatSecond, SECONDS_PER_DAY, SECONDS_PER_HOUR, type Second } from '../time.ts'
import { VERSION } from '../version.ts'
import type { Block } from '../world/blocks.ts'
import { buildWorld, type World } from '../world/world.ts'
import { enter } from './enter.ts'
import { beside, forgetStates, type Snapshots, saveState, stateAt } from './history/snapshots.ts'
import { type Asked, type PaceOptions, paceOf } from './live/asked.ts'
import { machineClock, type StreamClock } from './live/clock.ts'
import { Delivery, type Sink } from './live/delivery.ts'
import { dueBatches, type Timeline } from './live/due.ts'
import { EventPublisher } from './live/event-publisher.ts'
import { coverWorld } from './live/layout.ts'
import type { Pace } from './live/pace.ts'
import { refuseShards } from './live/refuse-shards.ts'
import type { StreamResult, StreamStart, StreamTick } from './live/result.ts'
import { Stops } from './live/stops.ts'
import { Tally } from './live/tally.ts'
import { Ticker } from './live/ticker.ts'
import { LiveWriter } from './live/writer.ts'
import { refuseMisplaced } from './misplaced.ts'
import { movedFrom } from './moved.ts'
import { blocksOfShard } from './period.ts'
import { recorded } from './record.ts'

export interface StreamOptions extends PaceOptions {
  durationMs?: number
  /** Stop when every event before this instant can be queried. */
  until?: Second
  /** Stop at the end of the second in which this many events are reached. */
  maxEvents?: number
  /** On abort, due events are delivered, and the result has stoppedBy 'signal'. */
  signal?: AbortSignal
  /** Called before the first event. */
  onStart?: (start: StreamStart) => void
  onTick?: (tick: StreamTick) => void
  /** Targets with a broker: go back to the last known instant at or before this one, and publish again from there. */
  resendFrom?: Second
  /** Only the events of these stores; it has a position of its own. A lake takes none. */
  shard?: Shard | undefined
  /** Batches in a generation before it is rolled. */
  rollEvery?: number
  /** Rows simulated between two snapshots: a restart may have to simulate this many again, a second or two. */
  snapshotEvery?: number
  /** For tests, which move it; default: the machine's. */
  clock?: StreamClock
  /** A write that takes longer fails. */
  writeMs?: number
}

const ROLL_EVERY = 240
const SNAPSHOT_ROWS = 10_000_000

/** Yields the timeline from the last position, at the requested pace. */
export async function stream(ports: Ports, config: Config, options: StreamOptions): Promise<StreamResult> {
  const world = buildWorld(config)
  onePace(options)
  const { shard } = options
  refuseShards(ports.target, shard)
  const blocks = shard && blocksOfShard(world, shard)
  await using _lock = shard
    ? await ports.workspace.share('stream', VERSION, shard, async () => {})
    : await ports.workspace.lock('lake', 'stream')
  await enter('stream', ports, config, world)
  const start = coverWorld(await ports.lake.layout(), world)
  const published = await ports.warehouse.published()
  if (published && published.raw.history > start.history)
    throw new RetailError('partial', 'parts of history are missing', {
      why: `history was complete to ${formatSecond(published.raw.history)}, but now only to ${formatSecond(start.history)}`,
      hint: advise`run ${retail(ports.upkeep.can ? 'repair' : 'backfill')} to regenerate them`,
    })
  await refuseMisplaced(ports, world, published?.raw)
  const moved = movedFrom(published, ports.lake.location)
  return await recorded(ports.workspace, 'stream', async () => ({
    ...(await runStream(world, options, {
      ...{ sink: await openSink(ports, world, options), blocks },
      snapshots: shard ? beside(ports.workspace, `shards/${shardInFile(shardName(shard))}`) : ports.workspace,
      // One file of figures is of one stream.
      ticks: shard ? NO_TICKS : ports.workspace,
      stopAfterMs: ports.live.by === 'broker' ? ports.live.stopAfterMs : NEVER,
    })),
    ...(shard && { shard: shardName(shard) }),
    ...(moved && { moved }),
  }))
}

export const NO_TICKS: Outlet['ticks'] = { recordTick: async () => {} }

export function onePace({ speed, rate, realTime }: PaceOptions): void {
  if ([speed, rate, realTime || undefined].filter((pace) => pace !== undefined).length <= 1) return
  throw new RetailError('bad_flag', '--speed, --rate, and --real-time cannot be combined', {
    why: 'each of them sets the speed of the stream',
    hint: 'use only one of them',
  })
}

export interface StreamFaults {
  fates: Fates
  /** Every copy of events before it was delivered. */
  origin: Second
  /** Called with the instant before which every copy of every event was delivered. */
  onDrained(until: Second): void
  /** When `until` is reached, deliver what is on its way, too. */
  drain: boolean
}

/** Where the events of a stream go, and what it uses on this machine. */
export interface Outlet {
  sink: Sink
  /** The stores whose events it takes; default: all. */
  blocks?: readonly Block[] | undefined
  /** What happens to the events on their way. */
  faults?: StreamFaults | undefined
  snapshots: Snapshots & Pick<Workspace, 'forget'>
  /** Where it reports to `status` in other processes. */
  ticks: Pick<Workspace, 'recordTick'>
  /** The longest it may run, in milliseconds. */
  stopAfterMs: number
}

/** Delivers the timeline from the position of the sink, at the requested pace. */
export async function runStream(world: World, options: StreamOptions, outlet: Outlet): Promise<StreamResult> {
  const { signal, until, clock = machineClock } = options
  const { sink, faults } = outlet
  const from = sink.position
  // The last second comes with what is on its way then, in one batch: a kill leaves both to the next run.
  const drainsAt = faults?.drain && until !== undefined && from < until ? until : undefined
  const faulty = faults && (await openFaulty(outlet, world, faults, { position: from, end: drainsAt }, options))
  const timeline = faulty ?? (await openTimeline(outlet, world, from, options))
  const rows = faulty ? new SentBatch(world, faults!.fates) : new ColumnBatch(world.schema === 'extended', 1 << 14)
  const started = clock.now()
  const { pace, asked } = paceOf(options, from, clock)
  const limits = limitsOf(outlet, drainsAt === undefined ? options : { ...options, until: drainsAt - 1 })
  const stops = new Stops(limits, clock)
  const delivery = new Delivery(sink, clock, options.writeMs)
  const tally = new Tally()
  const ticker = new Ticker(outlet.ticks, asked, options.onTick, clock)
  if (from < (until ?? NEVER)) options.onStart?.(startOf(timeline, pace, asked))

  try {
    await ticker.begin(from)
    const most = () => sink.most ?? NEVER
    for await (const due of dueBatches({ timeline, pace, stops, clock, signal, rows, most })) {
      await delivery.take(due)
      tally.add(rows, due.lateMs)
      await ticker.tick(due.to, tally.events, due.lateMs)
    }
    rows.clear()
    if (faulty && drainsAt !== undefined && stops.by === 'until') {
      faulty.drain(rows as SentBatch)
      faults!.onDrained(drainsAt)
      tally.add(rows, 0)
    }
    await delivery.close(timeline.position, rows)
  } catch (error) {
    await sink.abandon()
    throw error
  }

  const seconds = (clock.now() - started) / 1000
  const askedEvents = asked.eventsIn(seconds * 1000)
  return {
    world: world.id,
    from: formatSecond(from),
    to: formatSecond(sink.position),
    rows: tally.rows,
    events: tally.events,
    batches: sink.batches,
    seconds,
    eventsPerSecond: Math.round(tally.events / seconds),
    speed: Number(((sink.position - from) / seconds).toPrecision(3)),
    asked: {
      pace: asked.pace,
      eventsPerSecond: askedEvents === undefined ? undefined : Number((askedEvents / seconds).toPrecision(3)),
      speed: asked.speed,
    },
    lag: tally.lag,
    stoppedBy: stops.by === 'until' && from >= until! ? 'already-past' : stops.by!,
    ...(until !== undefined && { until: formatSecond(until) }),
    ...(sink.rebuilt?.length && { rebuilt: sink.rebuilt }),
  }
}

/** The next event of the timeline, and when it is due. */
function startOf(timeline: Timeline, pace: Pace, { pace: words }: Asked): StreamStart {
  const next = timeline.nextEvent(Math.min(TIMELINE_END, timeline.position + LOOK_AHEAD))
  return {
    position: formatSecond(timeline.position),
    pace: words,
    nextEvent: formatSecond(next),
    nextInMs: Math.max(0, Math.round(-pace.lateMs(next, 0))),
  }
}

/** How far to search: a shop may sell nothing for longer than this, and somebody waits for the first line. */
const LOOK_AHEAD = 31 * SECONDS_PER_DAY
const NEVER = Number.POSITIVE_INFINITY

const limitsOf = (
  { stopAfterMs }: Outlet,
  { until = NEVER, maxEvents = NEVER, durationMs = NEVER, signal }: StreamOptions,
) => ({
  ...{ until, maxEvents, signal, end: TIMELINE_END },
  durationMs: Math.min(durationMs, stopAfterMs),
})

/** The destination of batches: the lake, or a broker. */
async function openSink(
  ports: Ports,
  world: World,
  { rollEvery = ROLL_EVERY, resendFrom, shard, clock = machineClock, signal }: StreamOptions,
): Promise<Sink> {
  const { live } = ports
  if (live.by === 'lake') return LiveWriter.open(ports, live, world, rollEvery)
  const { history } = coverWorld(await ports.lake.layout(), world)
  return EventPublisher.open(live.broker, world, history, { resendFrom, shard, now: clock.now, signal })
}

async function openFaulty(
  outlet: Outlet,
  world: World,
  { fates, origin }: StreamFaults,
  { position, end }: { position: Second; end: Second | undefined },
  options: StreamOptions,
): Promise<FaultyTimeline> {
  return await FaultyTimeline.open(world, fates, { origin, position, end }, (at) =>
    openTimeline(outlet, world, at, options),
  )
}

async function openTimeline(
  { snapshots, faults, blocks }: Outlet,
  world: World,
  position: Second,
  { snapshotEvery = SNAPSHOT_ROWS }: StreamOptions,
): Promise<LiveTimeline> {
  const hour = Math.floor(position / SECONDS_PER_HOUR)
  const cursors = await Promise.all((blocks ?? world.blocks).map((block) => stateAt(world, block, hour, snapshots)))
  const history = cursors[0].hour
  /** Hours of states: a faulty stream starts again as long before its position as its last copies may follow. */
  let saved: number[] = []
  const reach = Math.ceil((faults?.fates.longest ?? 0) / SECONDS_PER_HOUR)
  let since = 0
  return LiveTimeline.open(world, cursors, position, (at, states, rows) => {
    since += rows
    if (since < snapshotEvery || at < hour) return
    since = 0
    const oldest = [...saved, at].findLast((hour) => hour <= at - reach) ?? history
    saved = [...saved, at].filter((hour) => hour >= oldest)
    const keep = [history, ...saved]
    // A cache: without it, the next run simulates again, so a failing disk stops nothing. The states are copied
    // immediately, before the simulation continues.
    void Promise.all(states.map((state) => saveState(world, state, snapshots)))
      .then(() => forgetStates(world, keep, snapshots))
      // See above.
      .catch(() => {})
  })
}
