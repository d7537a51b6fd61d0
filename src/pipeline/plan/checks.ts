import { isHere } from '../../config/targets.ts'
import { facts as factList } from '../../tables/index.ts'
import { bytesOfRows, MESSAGE_BYTES } from '../infra/cost.ts'
import { BATCH_EVENTS, BATCH_MS } from '../load/intake.ts'
import { type Facts, PEAK, TASK } from './facts.ts'
import { LARGE_REGIONS, type Limit, limits, measured } from './limits.ts'
import type { Machine, PlanCheck, PlanResult } from './result.ts'

type Stream = PlanResult['stream']
/** Memory of a process with this many threads. */
type MemoryOf = (threads: number) => number

const GIB = 2 ** 30
/** A part is read in one piece to check its checksum; Node reads no larger file. */
const PART_BYTES = 2 * GIB - 1
/** One subscription, so one write stream, per fact. */
const SUBSCRIPTIONS = factList.length

/** The limits of one machine. On other targets, it only generates history, and its disk holds no lake. */
export function localChecks(
  { config, world, history }: Facts,
  { stream, memoryOf, machine }: { stream: Stream; memoryOf: MemoryOf; machine: Machine | undefined },
): PlanCheck[] {
  const threads = Math.min(machine?.cores ?? 1, world.blocks.length)
  const memory = machine
    ? [
        checked(
          `memory of ${threads} ${threads === 1 ? 'thread' : 'threads'}`,
          'bytes',
          memoryOf(threads),
          machine.memoryBytes,
          'machine',
          {
            fix: 'use fewer --workers, or fewer lines per store over more days',
          },
        ),
      ]
    : []
  if (!isHere(config.target)) return memory
  const disk =
    machine?.freeBytes === undefined
      ? []
      : [
          checked('disk space for the lake', 'bytes', history.sizeBytes, machine.freeBytes, 'machine', {
            fix: 'free some space, or set local.lake to a folder on another disk',
          }),
        ]
  return [
    ...disk,
    ...memory,
    checked('events of the stream', 'per second', stream.peakPerSecond, measured.localEventsPerSecond, 'measured', {
      fix: 'use a lower --rate',
    }),
    timelineEnds(stream),
  ]
}

/** The limits of Google Cloud, and the measured rates of one retail process there. */
export function cloudChecks(
  facts: Facts,
  {
    stream,
    transform,
    taskSeconds,
    memoryOf,
  }: { stream: Stream; transform: PlanResult['transform']; taskSeconds: number; memoryOf: MemoryOf },
): PlanCheck[] {
  return [
    ...historyChecks(facts, transform),
    limited(limits.tasks, facts.tasks),
    limited(limits.taskSeconds, taskSeconds, { fix: 'use more --tasks' }),
    checked(
      'memory per task',
      'bytes',
      memoryOf(Math.min(TASK.cpus, Math.ceil(facts.world.blocks.length / facts.tasks))),
      TASK.memoryGib * GIB,
      'setting',
      { fix: 'raise job.memory in infra.tfvars, or use fewer lines per store over more days' },
    ),
    ...streamChecks(facts, stream),
  ]
}

/** One load job per table and month; its objects are the blocks' parts. */
function historyChecks(
  { gcp, world, history, rows, days, months }: Facts,
  { tableBytes, largest }: PlanResult['transform'],
): PlanCheck[] {
  // Of the larger table.
  const monthBytes =
    history.sizeBytes * (Math.max(...Object.values(history.rows)) / rows) * Math.min(1, 31 / days) * PEAK
  const partBytes = monthBytes / world.blocks.length
  return [
    limited(limits.loadJobs, months, { fix: 'load part of the history each day, with --to' }),
    limited(limits.loadUris, world.blocks.length),
    limited(limits.loadBytes, monthBytes, { fix: 'use a smaller world' }),
    checked('bytes per part', 'bytes', partBytes, PART_BYTES, 'limit', {
      fix: 'use fewer lines per store over more days',
    }),
    limited(limits.partitions, days, { fix: 'use a later history.from or an earlier --to' }),
    limited(limits.jobPartitions, Math.min(days, 31)),
    limited(limits.partitionChanges, days, { fix: 'load part of the history each day, with --to' }),
    checked('bytes read by the first transform of a table', 'bytes', tableBytes, gcp.max_bytes_billed, 'setting', {
      fix:
        largest.tableBytes <= gcp.max_bytes_billed
          ? 'extend history by a month at a time, with --to, and transform after each; or raise gcp.max_bytes_billed in retail.yaml'
          : 'raise gcp.max_bytes_billed in retail.yaml',
    }),
  ]
}

function streamChecks({ config, gcp, rows, history, days }: Facts, stream: Stream): PlanCheck[] {
  const { eventsPerSecond, peakPerSecond, speed } = stream
  const bytes = peakPerSecond * MESSAGE_BYTES
  const { schema } = config.world
  const rowMean = bytesOfRows(history.rows, schema) / rows
  const large = LARGE_REGIONS.includes(gcp.region)
  const multi = gcp.location === 'US' || gcp.location === 'EU'
  const quota = (limit: Limit, used: number, there: boolean, fix = 'ask Google for a higher quota') =>
    limited({ ...limit, most: there ? limit.most : (limit.elsewhere ?? limit.most) }, used, { fix })
  const streamsAnHour =
    Math.max((stream.loaders * SUBSCRIPTIONS * 1000) / BATCH_MS, eventsPerSecond / BATCH_EVENTS) *
    3600 *
    busy(eventsPerSecond)
  return [
    checked('events of the stream', 'per second', peakPerSecond, measured.publishedPerSecond, 'measured', {
      fix: `use a lower --rate, or share the stores among processes: stream --shard 1/${stream.publishers}`,
    }),
    quota(limits.published, bytes, large),
    ...(gcp.ingest === 'subscription'
      ? [quota(limits.toBigquery, bytes, large)]
      : [
          quota(limits.pulled, bytes, large),
          quota(limits.appended, peakPerSecond * rowMean, multi),
          quota(
            limits.writeStreams,
            streamsAnHour,
            true,
            'set ingest: subscription in retail.yaml, or ask Google for a higher quota',
          ),
        ]),
    limited({ ...limits.partitions, what: 'partitions per table after a day of streaming' }, days + Math.ceil(speed), {
      fix: 'use a lower --rate, or a larger world, in which the same rate is a lower speed',
    }),
    timelineEnds(stream),
  ]
}

/** The share of batch intervals that contain any events. */
const busy = (eventsPerSecond: number): number => Math.min(1, (eventsPerSecond * BATCH_MS) / 1000 / SUBSCRIPTIONS)

/** Ids contain two digits of the year. */
function timelineEnds({ daysToTheEnd, speed }: Stream): PlanCheck {
  return {
    what: 'days of streaming until the timeline ends',
    unit: 'days',
    used: 1,
    most: daysToTheEnd,
    ok: daysToTheEnd >= 1,
    kind: 'limit',
    fix: `use a lower --rate or a larger world: this is ${Math.round(speed)} times real time`,
  }
}

const limited = (limit: Limit, used: number, { fix = 'a smaller world' }: { fix?: string } = {}): PlanCheck =>
  checked(limit.what, limit.unit, used, limit.most, limit.fixed ? 'limit' : 'quota', { fix })

function checked(
  what: string,
  unit: string,
  used: number,
  most: number,
  kind: PlanCheck['kind'],
  { fix }: { fix: string },
): PlanCheck {
  return { what, unit, used: Math.ceil(used), most: Math.floor(most), ok: used <= most, kind, fix }
}
