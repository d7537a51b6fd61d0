import { setTimeout as sleep } from 'node:timers/promises'
import type { Config } from '../config/schema.ts'
import { RetailError } from '../errors.ts'
import type { Ports } from '../ports/index.ts'
import { Batch } from '../simulator/batch.ts'
import { HeldTimeline } from '../simulator/hold.ts'
import { formatDay, formatSecond, parseDuration, SECONDS_PER_DAY, type Second } from '../time.ts'
import { buildWorld, type World } from '../world/world.ts'
import { rowsOfDay } from './estimate.ts'
import { forgetStates, saveState, stateAt } from './history/snapshots.ts'
import { checkWorld } from './identity.ts'
import { EventPublisher } from './live/event-publisher.ts'
import { coverWorld } from './live/layout.ts'
import { clockPace } from './live/pace.ts'
import { Ticker } from './live/ticker.ts'
import { LiveWriter } from './live/writer.ts'
import { recorded } from './record.ts'
import type { StreamResult, StreamTick } from './results.ts'

export interface StreamOptions {
  /** event seconds per second of the clock; 'max' has no clock. Default 1 */
  speed?: number | 'max'
  /** events a second on average; chooses the speed. Not with `speed` */
  rate?: number
  durationMs?: number
  /** stops when every event before this instant can be queried */
  until?: Second
  /** stops at the end of the second in which this many events are reached */
  maxEvents?: number
  /** on abort what is due is delivered and the result says stoppedBy 'signal' */
  signal?: AbortSignal
  onTick?: (tick: StreamTick) => void
  /** target gcp: goes back to the last known instant at or before this one, and sends what follows again */
  resendFrom?: Second
  /** batches in a generation before it is rolled */
  rollEvery?: number
}

const FLUSH_MS = 250
/** Events of a batch without a clock: large enough that fsync does not count, small enough to stay in memory. */
const FULL_SPEED_EVENTS = 100_000
const ROLL_EVERY = 240
/** Rows simulated between two snapshots: what a restart may have to simulate again, a second or two. */
const SNAPSHOT_ROWS = 10_000_000

/** Mean events a second of the timeline: lines and movements of all stores. */
export function eventsPerSecond({ stores, products, linesPerStoreDay }: World): number {
  const rows = rowsOfDay({ stores: stores.count, products: products.count, linesPerStoreDay })
  return (rows.transactions + rows.inventories) / SECONDS_PER_DAY
}

/** The timeline from where it was delivered, released by the clock. */
export async function stream(ports: Ports, config: Config, options: StreamOptions): Promise<StreamResult> {
  const world = buildWorld(config)
  if (options.speed !== undefined && options.rate !== undefined)
    throw new RetailError('bad_flag', '--speed and --rate do not go together', {
      why: 'a rate is a way to choose the speed',
      hint: 'give one of them',
    })
  await using _lock = await ports.workspace.lock('lake', 'stream')
  await checkWorld(ports, world, config)
  const start = coverWorld(await ports.lake.layout(), world)
  const published = await ports.warehouse.published()
  if (published && published.raw.history > start.history)
    throw new RetailError('partial', 'parts of history that were there are missing', {
      why: `history was complete to ${formatSecond(published.raw.history)}, now it is to ${formatSecond(start.history)}`,
      hint: 'run `retail backfill`: it makes them again',
    })
  if (start.history <= world.from * SECONDS_PER_DAY)
    throw new RetailError('missing', 'there is no history to go on from', {
      why: 'the stream begins where history ends',
      hint: `run \`retail backfill\` first (from ${formatDay(world.from)})`,
    })
  return await recorded(ports.workspace, 'stream', () => run(ports, config, world, options))
}

async function run(ports: Ports, config: Config, world: World, options: StreamOptions): Promise<StreamResult> {
  const { signal, until = Number.POSITIVE_INFINITY, maxEvents = Number.POSITIVE_INFINITY } = options
  const speed = options.rate !== undefined ? options.rate / eventsPerSecond(world) : (options.speed ?? 1)
  const writer = await openSink(ports, config, world, options)
  const from = writer.position
  const timeline = await openTimeline(ports, world, from)
  const rows = new Batch(world.schema === 'extended', 1 << 14)
  const total = { transactions: 0, inventories: 0 }
  const lags: number[] = []
  const started = performance.now()
  const deadline = started + Math.min(options.durationMs ?? Number.POSITIVE_INFINITY, guardMs(config))
  const pace = speed === 'max' ? undefined : clockPace(from, speed)
  const asked = speed === 'max' ? undefined : eventsPerSecond(world) * speed
  const events = () => total.transactions + total.inventories
  const ticker = new Ticker(ports, asked, options.onTick)

  for (;;) {
    const stop = stopReason()
    const due = pace ? pace.dueUntil() : Number.POSITIVE_INFINITY
    const target = Math.min(due, until)
    const flushStart = performance.now()
    while (writer.position < target) {
      gather(target)
      const { n } = rows.lines
      if (n + rows.movements.n === 0 && timeline.position < until) break
      const oldest = rows.firstSecond()
      await writer.write(timeline.position, rows)
      total.transactions += n
      total.inventories += rows.movements.n
      const lagMs = pace ? Math.max(0, pace.lateMs(oldest)) : 0
      lags.push(lagMs)
      await ticker.tick(timeline.position, events(), lagMs)
      rows.clear()
      if (!pace) break
      if (events() >= maxEvents || signal?.aborted) break
    }
    const stopped = stop ?? stopReason()
    if (stopped) return finish(stopped)
    // Ctrl-C, rolls and timers get their turn also at full speed.
    if (pace)
      await sleep(Math.max(1, FLUSH_MS - (performance.now() - flushStart)), undefined, { signal }).catch(() => {})
    else await new Promise(setImmediate)
  }

  /** Takes what is due into `rows`, up to a midnight, a full batch, or the last event asked for. */
  function gather(target: Second): void {
    const midnight = (Math.floor(writer.position / SECONDS_PER_DAY) + 1) * SECONDS_PER_DAY
    const end = Math.min(target, midnight)
    while (timeline.position < end) {
      const held = rows.lines.n + rows.movements.n
      if (held >= FULL_SPEED_EVENTS || events() + held >= maxEvents) return
      timeline.advanceTo(Math.min(end, timeline.position + stride(held)), rows)
    }
  }

  /** Seconds to take at once: an hour, or fewer when the last event asked for is near. */
  function stride(held: number): number {
    if (maxEvents === Number.POSITIVE_INFINITY) return 3_600
    return Math.max(1, Math.min(3_600, Math.floor((maxEvents - events() - held) / eventsPerSecond(world) / 4)))
  }

  function stopReason(): StreamResult['stoppedBy'] | undefined {
    if (signal?.aborted) return 'signal'
    if (events() >= maxEvents) return 'max-events'
    if (writer.position >= until) return 'until'
    if (performance.now() >= deadline) return 'duration'
    return undefined
  }

  async function finish(stoppedBy: StreamResult['stoppedBy']): Promise<StreamResult> {
    await writer.close()
    const seconds = (performance.now() - started) / 1000
    lags.sort((a, b) => a - b)
    return {
      world: world.id,
      from: formatSecond(from),
      to: formatSecond(writer.position),
      rows: total,
      events: events(),
      batches: writer.batches,
      seconds,
      eventsPerSecond: Math.round(events() / seconds),
      lag: { p50Ms: Math.round(lags[lags.length >> 1] ?? 0), maxMs: Math.round(lags[lags.length - 1] ?? 0) },
      speed,
      stoppedBy,
    }
  }
}

/** Where batches go: the lake shows them by itself, or a broker takes them. */
async function openSink(
  ports: Ports,
  config: Config,
  world: World,
  { rollEvery = ROLL_EVERY, resendFrom }: StreamOptions,
): Promise<LiveWriter | EventPublisher> {
  if (!ports.live) return LiveWriter.open(ports, config, world, rollEvery)
  const { history } = coverWorld(await ports.lake.layout(), world)
  return EventPublisher.open(ports.live.broker, world, history, resendFrom)
}

/** A stream in the cloud costs money as long as it runs: one that was forgotten ends. */
const guardMs = ({ target, gcp }: Config): number =>
  (target === 'gcp' && gcp && parseDuration(gcp.stream_stop_after)) || Number.POSITIVE_INFINITY

async function openTimeline({ workspace }: Ports, world: World, position: Second): Promise<HeldTimeline> {
  const hour = Math.floor(position / 3600)
  const travellers = await Promise.all(world.blocks.map((block) => stateAt(world, block, hour, workspace)))
  const history = travellers[0].hour
  let since = 0
  return new HeldTimeline(world, travellers, position, (at, states, rows) => {
    since += rows
    if (since < SNAPSHOT_ROWS || at < hour) return
    since = 0
    // Not awaited: it is a cache, and the files are written at once.
    void Promise.all(states.map((state) => saveState(world, state, workspace))).then(() =>
      forgetStates(world, [history, at], workspace),
    )
  })
}
