import { createHash } from 'node:crypto'
import type { FaultProfile } from '../config/fault-kinds.ts'
import { digestOf } from '../config/faults.ts'
import type { Config } from '../config/schema.ts'
import { RetailError } from '../errors.ts'
import { Fates, MOST_WAITING } from '../faults/index.ts'
import { type Destination, type OpenDestination, shardName, type Workspace } from '../ports/index.ts'
import { formatDay, formatSecond, parseDay, SECONDS_PER_DAY, SECONDS_PER_HOUR, type Second } from '../time.ts'
import { buildWorld, type World } from '../world/world.ts'
import { checkDrift } from './faults.ts'
import { beside, NO_SNAPSHOTS } from './history/snapshots.ts'
import { eventsPerSecond } from './live/asked.ts'
import { machineClock } from './live/clock.ts'
import { DestinationSink, sourceOf, type Waiting } from './live/destination-sink.ts'
import type { StreamResult, StreamToResult } from './live/result.ts'
import { GRACE_MS } from './live/stops.ts'
import { blocksOfShard } from './period.ts'
import { NO_TICKS, onePace, runStream, type StreamOptions } from './stream.ts'

export interface StreamToOptions extends Omit<StreamOptions, 'resendFrom' | 'rollEvery'> {
  /** Where a destination without a position begins. Default: the end of history. */
  from?: Second
  /** What happens to events on their way. */
  faults?: { profile: FaultProfile; drain?: boolean | undefined } | undefined
  /** Called every few seconds while the destination takes no events. */
  onWait?: (waiting: Waiting) => void
}

/**
 * Delivers the timeline to a destination, from the position that it keeps. It needs and locks nothing of the target:
 * the world follows from the config. `workspace` caches states of the simulation; without one, the stream simulates
 * from the first day.
 */
export async function streamTo(
  open: OpenDestination,
  config: Config,
  options: StreamToOptions,
  workspace?: Workspace,
): Promise<StreamToResult> {
  const world = buildWorld(config)
  onePace(options)
  const begin = options.from ?? endOfHistory(config)
  refuseOutside(world, config, begin)
  const { faults, until, shard } = options
  const blocks = shard && blocksOfShard(world, shard)
  if (options.from !== undefined) refuseEarlyEnd(options.from, until, 'where it is to begin')
  const fates = faults && fatesOf(world, faults.profile)
  const { clock = machineClock, onWait } = options
  const over = new AbortController()
  const patience = AbortSignal.any([over.signal, ...(options.signal ? [options.signal] : [])])
  const source = sourceOf(world, faults && digestOf(faults.profile), shard)
  const destination = await open({ ...source, versions: fates?.hasVersions ?? false }, patience)
  let result: StreamResult
  let sink: DestinationSink
  const ended = new AbortController()
  try {
    refuseOtherBegin(destination, options.from)
    if (destination.position === undefined)
      refuseEarlyEnd(begin, until, 'where a destination begins that has no events yet')
    if (options.durationMs !== undefined)
      void clock.sleep(options.durationMs + GRACE_MS, ended.signal).then(() => {
        if (!ended.signal.aborted) over.abort()
      })
    sink = new DestinationSink(destination, world, begin, { clock, onWait })
    const place = `${destination.location}${shard ? `#${shardName(shard)}` : ''}`
    const folder = createHash('sha256').update(place).digest('hex').slice(0, 16)
    const into = sink
    if (faults?.drain) refuseDrained(into, options.until)
    result = await runStream(world, options, {
      ...{ sink, blocks },
      faults: fates && {
        fates,
        origin: into.since,
        drain: faults?.drain ?? false,
        onDrained: (until) => (into.since = until),
      },
      snapshots: workspace ? beside(workspace, `destinations/${folder}`) : NO_SNAPSHOTS,
      ticks: NO_TICKS,
      stopAfterMs: Number.POSITIVE_INFINITY,
    })
  } catch (error) {
    // The first error is the one to report.
    await closed(destination).catch(() => {})
    throw over.signal.aborted && !options.signal?.aborted ? tookNothing(destination, error) : error
  } finally {
    ended.abort()
  }
  await closed(destination)
  return { ...result, destination: destination.location, waitedSeconds: Math.round(sink.waitedMs / 100) / 10 }
}

function fatesOf(world: World, profile: FaultProfile): Fates {
  checkDrift(world, profile)
  const fates = new Fates(profile, world.seed)
  const waiting = eventsPerSecond(world) * (SECONDS_PER_HOUR + fates.meanDelay)
  if (waiting <= MOST_WAITING) return fates
  throw new RetailError('bad_flag', 'this world is too large for these faults', {
    why: `about ${Math.round(waiting)} events would wait in memory for their delay to pass; the limit is ${MOST_WAITING}`,
    hint: 'use a profile with shorter delays or lower rates, or a world with fewer sales',
  })
}

/** What is on its way at a position that was reached before cannot be delivered without moving on. */
function refuseDrained({ position, since, location }: DestinationSink, until: Second | undefined): void {
  if (until === undefined || position !== until || since === until) return
  throw new RetailError(
    'bad_flag',
    `${location} is at ${formatSecond(until)} already, with copies still on their way`,
    {
      why: '--drain delivers them together with the last second before --until',
      hint: 'use a later --until',
    },
  )
}

/** A destination that is away when --duration is over is not waited for. */
function tookNothing({ location }: Destination, error: unknown): unknown {
  if (!(error instanceof RetailError) || error.code !== 'stopped') return error
  const { why, hint, cause } = error
  return new RetailError('partial', `--duration is over, and ${location} takes no events`, { why, hint, cause })
}

function refuseEarlyEnd(begin: Second, until: Second | undefined, what: string): void {
  if (until === undefined || until >= begin) return
  throw new RetailError('bad_flag', `--until ${formatSecond(until)} is before ${formatSecond(begin)}`, {
    why: `that is ${what}`,
    hint: 'use a later --until, or an earlier --from',
  })
}

const closed = async (destination: Destination): Promise<void> => destination[Symbol.asyncDispose]()
const endOfHistory = ({ history }: Config): Second => (parseDay(history.to)! + 1) * SECONDS_PER_DAY

function refuseOutside(world: World, config: Config, begin: Second): void {
  if (begin < world.from * SECONDS_PER_DAY)
    throw new RetailError('bad_flag', `--from ${formatSecond(begin)} is before the first day of the world`, {
      why: `it begins on history.from, ${config.history.from}`,
      hint: `use --from ${formatDay(world.from)} or later`,
    })
}

/** A destination continues where it is: another beginning would repeat events, or skip some. */
function refuseOtherBegin({ location, since, position }: Destination, from: Second | undefined): void {
  if (position === undefined || from === undefined || from === position || from === since) return
  // A drained destination does not know where it began.
  if (since === position && from < position) return
  throw new RetailError('bad_flag', `${location} has events up to ${formatSecond(position)} already`, {
    why: `--from ${formatSecond(from)} would ${from < position ? 'repeat events' : 'leave a gap'}; --from only says where a new destination begins`,
    hint: 'omit --from to continue, or choose another destination',
  })
}
