import { LAST_DAY } from '../config/bounds.ts'
import { gcpSection } from '../config/gcp.ts'
import { meanOf, peakOf, type Rate } from '../config/rate.ts'
import { type Config, type GcpConfig, LARGEST } from '../config/schema.ts'
import { isHere } from '../config/targets.ts'
import { RetailError } from '../errors.ts'
import { formatCount } from '../numbers.ts'
import { sumOfFacts } from '../tables/index.ts'
import { type Day, formatDay, monthOf, parseDay, SECONDS_PER_DAY } from '../time.ts'
import { buildWorld } from '../world/world.ts'
import { estimate, estimateRows, rowsOfDay, type Shape, secondsFor, shapeOf } from './estimate.ts'
import { GROUP_LINES } from './history/group-lines.ts'
import { OBJECTS_PER_BLOCK_AND_MONTH } from './infra/cost.ts'
import { MEASURED } from './measured-rates.ts'
import { periodOf } from './period.ts'
import { cloudChecks, localChecks } from './plan/checks.ts'
import { costPlan } from './plan/cost.ts'
import { type Facts, PEAK, TASK } from './plan/facts.ts'
import { limitList, measured } from './plan/limits.ts'
import type { Machine, PlanResult } from './plan/result.ts'
import { transformPlan } from './plan/transform.ts'

export interface PlanOptions {
  /** Rows of both facts: the world is scaled until its history has this many. */
  rows?: number | undefined
  /** Last day of history. */
  to?: Day | undefined
  /** Events per second of the stream; default: real time. */
  rate?: Rate | undefined
  /** Tasks of a job that backfills or verifies, one shard each. */
  tasks?: number | undefined
  /** The machine that would generate it; without it, its disk and memory are not checked. */
  machine?: Machine | undefined
}

/**
 * [M] Bytes of a backfill: of the process; of each thread, without rows; per line of a row group, with its movements and
 * pages; per line of a day, whose returns are pending; per store of a block. Of a part that is uploaded, each byte is
 * there twice: in pieces and as a whole. One thread took 161 MB at the default size, 205 MB at 550 lines per store and
 * day, 248 MB with 2,439 stores per block, and 268 MB in the world of `--rows 100e9`.
 */
const BYTES = { process: 115_000_000, thread: 30_000_000, line: 45, dayLine: 20, store: 12_000, uploaded: 2 } as const
/** Placeholders for settings that a workspace of target local lacks. */
const SOME_PROJECT = gcpSection.parse({ project: 'some-project', bucket: 'some-project-retail' })

/**
 * The resources that a world needs: parts, bytes, hours, memory, limits of Google Cloud, money. It only calculates: it
 * creates nothing and makes no network calls.
 */
export function plan(config: Config, { rows, to, rate, tasks = TASK.count, machine }: PlanOptions): PlanResult {
  const until: Config = to === undefined ? config : { ...config, history: { ...config.history, to: formatDay(to) } }
  const sized = rows === undefined ? until : sizedTo(until, rows)
  const gcp: GcpConfig = sized.gcp ?? SOME_PROJECT
  const world = buildWorld(sized)
  const period = periodOf(world, sized, {})
  const history = estimate(shapeOf(sized), period)
  const facts: Facts = {
    config: sized,
    gcp,
    world,
    period,
    history,
    days: period.to - period.from + 1,
    months: monthOf(period.to) - monthOf(period.from) + 1,
    rows: sumOfFacts(history.rows),
    tasks: Math.min(tasks, world.blocks.length),
  }
  const { days, months } = facts
  const parts = world.blocks.length * months * OBJECTS_PER_BLOCK_AND_MONTH
  const stream = streamOf(facts, rate)
  const transform = transformPlan(facts)
  const taskSeconds = shareOf(facts) * history.backfillSeconds
  const verifySeconds = secondsFor(facts.rows, MEASURED.verify)
  const workerBytes = workerBytesOf(facts, !isHere(sized.target))
  const memoryOf = (threads: number) => BYTES.process + threads * workerBytes
  const memoryInCloud = (threads: number) => BYTES.process + threads * workerBytesOf(facts, true)
  return {
    target: sized.target,
    sized: sized !== config,
    world: {
      id: world.id,
      stores: world.counts.store,
      products: sized.world.products,
      linesPerStoreDay: world.linesPerStoreDay,
      schema: world.schema,
      from: formatDay(period.from),
      to: formatDay(period.to),
      days,
    },
    rows: history.rows,
    lake: {
      blocks: world.blocks.length,
      months,
      parts,
      sizeBytes: history.sizeBytes,
      partBytes: Math.round(history.sizeBytes / parts),
    },
    backfill: {
      seconds: history.backfillSeconds,
      verifySeconds,
      workerBytes,
      processBytes: BYTES.process,
      ...{ machine: MEASURED.machine, measured: MEASURED.date },
    },
    job: {
      tasks: facts.tasks,
      asked: tasks,
      cpus: TASK.cpus,
      memoryGib: TASK.memoryGib,
      taskSeconds,
      verifySeconds: shareOf(facts) * verifySeconds,
    },
    transform,
    stream,
    local: localChecks(facts, { stream, memoryOf, machine }),
    cloud: {
      checks: cloudChecks(facts, { stream, transform, taskSeconds, memoryOf: memoryInCloud }),
      limits: limitList,
      ...costPlan(facts, { parts, taskSeconds, speed: stream.speed }),
    },
  }
}

/** The same shop with more or fewer stores, then with other sales per store; its days stay the same. */
function sizedTo(config: Config, rows: number): Config {
  const [from, to] = [parseDay(config.history.from)!, parseDay(config.history.to)!]
  const shape = shapeOf(config)
  const rowsOf = (part: Partial<Shape>) => sumOfFacts(estimateRows({ ...shape, ...part }, { from, to }))
  const within = (value: number, most: number) => Math.max(1, Math.min(most, Math.round(value)))
  const stores = within(rows / rowsOf({ stores: 1 }), LARGEST.stores)
  const most = Math.min(LARGEST.linesPerStoreDay, Math.floor(LARGEST.lines / stores))
  // Integers: what rounding took from one factor goes into the other.
  let [linesPerStoreDay, over] = [1, most + 1]
  while (over - linesPerStoreDay > 1) {
    const middle = Math.floor((linesPerStoreDay + over) / 2)
    if (rowsOf({ stores, linesPerStoreDay: middle }) > rows) over = middle
    else linesPerStoreDay = middle
  }
  if (rowsOf({ stores, linesPerStoreDay: most }) < rows * 0.99)
    throw new RetailError(
      'bad_flag',
      `no world can have ${rows.toLocaleString('en-US')} rows in ${to - from + 1} days`,
      {
        why: `the maximum is ${formatCount(LARGEST.stores)} stores with ${formatCount(LARGEST.linesPerStoreDay)} lines a day, and ${formatCount(LARGEST.lines)} lines a day in total`,
        hint: `use more days, with --to, up to ${LAST_DAY}`,
      },
    )
  // The stores again: where there are few, one line per store more or less makes a large difference.
  const nearest = within(
    rows / rowsOf({ stores: 1, linesPerStoreDay }),
    Math.min(LARGEST.stores, Math.floor(LARGEST.lines / linesPerStoreDay)),
  )
  return { ...config, world: { ...config.world, stores: nearest, lines_per_store_day: linesPerStoreDay } }
}

/** The largest share of the blocks that one task has. */
const shareOf = ({ world, tasks }: Facts): number => Math.ceil(world.blocks.length / tasks) / world.blocks.length

/** Memory of a thread in the busiest month of its largest block. `uploads`: its parts go into a bucket. */
function workerBytesOf({ world, history, days }: Facts, uploads: boolean): number {
  const stores = Math.max(...world.blocks.map(({ lo, hi }) => hi - lo))
  const dayLines = stores * world.linesPerStoreDay * PEAK
  const monthLines = dayLines * Math.min(31, days)
  // A group takes whole days.
  const groupLines = Math.min(monthLines, GROUP_LINES + dayLines)
  const rows = groupLines * BYTES.line + dayLines * BYTES.dayLine + stores * BYTES.store
  const bytesOfLine = history.sizeBytes / history.rows.transactions
  const uploaded = uploads ? monthLines * bytesOfLine * BYTES.uploaded : 0
  return Math.round(BYTES.thread + rows + uploaded)
}

function streamOf({ config, period }: Facts, rate: Rate | undefined): PlanResult['stream'] {
  const natural = sumOfFacts(rowsOfDay(shapeOf(config))) / SECONDS_PER_DAY
  const eventsPerSecond = rate === undefined ? natural : meanOf(rate)
  const peakPerSecond = rate === undefined ? natural : peakOf(rate)
  const speed = eventsPerSecond / natural
  const loaders = Math.ceil(peakPerSecond / measured.loadedPerSecond)
  const publishers = Math.ceil(peakPerSecond / measured.publishedPerSecond)
  const shards = Math.ceil(peakPerSecond / measured.sentPerSecond)
  return {
    eventsPerSecond,
    peakPerSecond,
    speed,
    loaders,
    publishers,
    shards,
    daysToTheEnd: (parseDay(LAST_DAY)! - period.to) / speed,
  }
}
