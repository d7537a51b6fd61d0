import { MESSAGE_BYTES, rowBytes } from '../infra/cost.ts'
import { BATCH_EVENTS, BATCH_MS } from '../load.ts'
import type { PlanCheck, PlanResult } from '../results.ts'
import { type Facts, PEAK, TASK } from './facts.ts'
import { LARGE_REGIONS, type Limit, limits, measured } from './limits.ts'

type Stream = PlanResult['stream']

const GIB = 2 ** 30
/** A part is read whole, to see whether it is whole; Node reads no file of more. */
const PART_BYTES = 2 * GIB - 1
/** One subscription, so one stream to write with, of each fact. */
const SUBSCRIPTIONS = 2

/** What one machine can do. */
export function localChecks(stream: Stream): PlanCheck[] {
  return [
    checked('events of a stream', 'in a second', stream.eventsPerSecond, measured.localEventsPerSecond, 'measured', {
      mend: 'a lower --rate',
    }),
    timelineEnds(stream),
  ]
}

/** What Google Cloud allows, and what one process of ours has been seen to do there. */
export function cloudChecks(
  facts: Facts,
  { stream, taskSeconds, workerBytes }: { stream: Stream; taskSeconds: number; workerBytes: number },
): PlanCheck[] {
  return [
    ...historyChecks(facts),
    limited(limits.tasks, facts.tasks),
    limited(limits.taskSeconds, taskSeconds, { mend: 'more --tasks' }),
    checked(
      'memory of a task',
      'bytes',
      workerBytes * Math.min(TASK.cpus, Math.ceil(facts.world.blocks.length / facts.tasks)),
      TASK.memoryGib * GIB,
      'setting',
      { mend: 'more of job.memory in infra.tfvars; or fewer lines a store, more days' },
    ),
    ...streamChecks(facts, stream),
  ]
}

/** One load job of a table and month; its objects are the blocks' parts. */
function historyChecks({ config, gcp, world, history, rows, days, months }: Facts): PlanCheck[] {
  const { schema } = config.world
  // Of the larger table.
  const monthBytes = history.sizeBytes * (history.movements / rows) * Math.min(1, 31 / days) * PEAK
  const partBytes = monthBytes / world.blocks.length
  const tableBytes = Math.max(
    history.lines * rowBytes('transactions', schema),
    history.movements * rowBytes('inventories', schema),
  )
  return [
    limited(limits.loadJobs, months, { mend: 'load a part of history each day: --to' }),
    limited(limits.loadUris, world.blocks.length),
    limited(limits.loadBytes, monthBytes, { mend: 'a smaller world' }),
    checked('bytes of a part', 'bytes', partBytes, PART_BYTES, 'limit', { mend: 'fewer lines a store, more days' }),
    limited(limits.partitions, days, { mend: 'a later history.from, or an earlier --to' }),
    limited(limits.jobPartitions, Math.min(days, 31)),
    limited(limits.partitionChanges, days, { mend: 'load a part of history each day: --to' }),
    checked('bytes of the first transform of a table', 'bytes', tableBytes, gcp.max_bytes_billed, 'setting', {
      mend: 'gcp.max_bytes_billed in retail.yaml',
    }),
  ]
}

function streamChecks({ config, gcp, rows, history, days }: Facts, stream: Stream): PlanCheck[] {
  const { eventsPerSecond, speed } = stream
  const bytes = eventsPerSecond * MESSAGE_BYTES
  const { schema } = config.world
  const rowMean =
    (history.lines * rowBytes('transactions', schema) + history.movements * rowBytes('inventories', schema)) / rows
  const large = LARGE_REGIONS.includes(gcp.region)
  const multi = gcp.location === 'US' || gcp.location === 'EU'
  const quota = (limit: Limit, used: number, there: boolean, mend = 'ask Google for more') =>
    limited({ ...limit, most: there ? limit.most : (limit.elsewhere ?? limit.most) }, used, { mend })
  const streamsAnHour =
    Math.max((stream.loaders * SUBSCRIPTIONS * 1000) / BATCH_MS, eventsPerSecond / BATCH_EVENTS) *
    3600 *
    busy(eventsPerSecond)
  return [
    checked('events of a stream', 'in a second', eventsPerSecond, measured.publishedPerSecond, 'measured', {
      mend: 'a lower --rate: one process streams a timeline',
    }),
    quota(limits.published, bytes, large),
    ...(gcp.ingest === 'subscription'
      ? [quota(limits.toBigquery, bytes, large)]
      : [
          quota(limits.pulled, bytes, large),
          quota(limits.appended, eventsPerSecond * rowMean, multi),
          quota(
            limits.writeStreams,
            streamsAnHour,
            true,
            'ingest: subscription in retail.yaml, or ask Google for more',
          ),
        ]),
    limited(
      { ...limits.partitions, what: 'partitions of a table after a day of the stream' },
      days + Math.ceil(speed),
      { mend: 'a lower --rate, or a larger world: the same rate is then a lower speed' },
    ),
    timelineEnds(stream),
  ]
}

/** Of the time in which a batch waits, how much has events at all. */
const busy = (eventsPerSecond: number): number => Math.min(1, (eventsPerSecond * BATCH_MS) / 1000 / SUBSCRIPTIONS)

/** Ids carry two digits of the year. */
function timelineEnds({ daysToTheEnd, speed }: Stream): PlanCheck {
  return {
    what: 'days of the stream until the timeline ends',
    unit: 'days',
    used: 1,
    most: daysToTheEnd,
    ok: daysToTheEnd >= 1,
    kind: 'limit',
    mend: `a lower --rate, or a larger world: this is ${Math.round(speed)} times real time`,
  }
}

const limited = (limit: Limit, used: number, { mend = 'a smaller world' }: { mend?: string } = {}): PlanCheck =>
  checked(limit.what, limit.unit, used, limit.most, limit.fixed ? 'limit' : 'quota', { mend })

function checked(
  what: string,
  unit: string,
  used: number,
  most: number,
  kind: PlanCheck['kind'],
  { mend }: { mend: string },
): PlanCheck {
  return { what, unit, used: Math.ceil(used), most: Math.floor(most), ok: used <= most, kind, mend }
}
