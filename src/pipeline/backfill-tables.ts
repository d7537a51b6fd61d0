import type { Config } from '../config/schema.ts'
import type { PostgresPlace } from '../config/where.ts'
import { RetailError } from '../errors.ts'
import type { HistoryTables, LoadedPart, OpenHistoryTables, Shard } from '../ports/index.ts'
import { byFact, dimensionsOf, facts, sumOfFacts } from '../tables/index.ts'
import { formatDay, formatMonth, formatSecond, SECONDS_PER_DAY } from '../time.ts'
import { membersOf } from '../world/counts.ts'
import { buildWorld, memoryOfWeeks, type World } from '../world/world.ts'
import { dimensionText } from './dimensions.ts'
import { progressOf } from './history/crew.ts'
import { planned } from './history/dry-run.ts'
import type { BackfillProgress, BackfillResult } from './history/result.ts'
import { headOf, rowsOf, type Scope } from './history/scope.ts'
import type { TableMessage, TableTask } from './history/table-task.ts'
import { sourceOf, type Waiting } from './live/destination-sink.ts'
import { blocksOf, monthsOf, type Period, type PeriodOptions, periodOf } from './period.ts'
import { runPool, workerCount } from './workers.ts'

export interface BackfillTablesOptions extends PeriodOptions {
  shard?: Shard | undefined
  /** Number of threads, each with a session of its own. */
  workers?: number
  dryRun?: boolean
  /** Whether there is a workspace, which caches states of the simulation. */
  hasWorkspace: boolean
  /** On abort, threads finish their current parts. */
  signal?: AbortSignal
  onProgress?: (progress: BackfillProgress) => void
  /** Called every few seconds while the database takes no rows. */
  onWait?: (waiting: Waiting) => void
}

/**
 * Loads history into tables of a database. A part, which is a block and a month, is there as a whole or not at all, so
 * a run that ended early is repeated; a later end adds the days that are missing.
 */
export async function backfillTables(
  open: OpenHistoryTables,
  place: PostgresPlace,
  config: Config,
  options: BackfillTablesOptions,
): Promise<BackfillResult> {
  const start = performance.now()
  const world = buildWorld(config)
  const period = periodOf(world, config, options)
  const { shard = { index: 0, count: 1 }, signal } = options
  const blocks = blocksOf(world, shard)
  await using tables = await open(sourceOf(world), signal)
  const before = await tables.parts()
  refuseLive(tables, period, await tables.live())
  const months = monthsOf(period)
  const { tasks, kept } = tasksOf(blocks, months, before)
  const workers = workerCount(options.workers, Math.max(1, tasks.length))
  const scope: Scope = {
    config,
    world,
    period,
    shard,
    blocks,
    tables: facts.map(({ name }) => name),
    workers,
    rows: rowsOf(world, config, period, blocks),
  }
  const database = { location: tables.location, dimensions: membersOf(world) }
  if (options.dryRun) {
    const missing = tasks.flatMap(({ block, months }) =>
      months.map((month) => ({ ...month, block, tables: scope.tables })),
    )
    return { ...planned(scope, 'csv', missing, { longer: 0, kept: kept.length * facts.length, start }), database }
  }

  await tables.create(months.map(({ month }) => month))
  for (const { name } of dimensionsOf(world.schema)) {
    const text = dimensionText(world, name, 'csv')
    await tables.putDimension(name, Buffer.from(text.slice(text.indexOf('\n') + 1)))
  }
  const done = kept.map((part) => ({ part, added: byFact(() => 0), isLonger: false }))
  const partial = new Set(before.map(nameOf))
  const progress = progressOf(scope, options.onProgress)
  let lastWord = performance.now()
  await runPool<TableTask, TableMessage>({
    worker: 'history/table-worker',
    open: { config, place, hasWorkspace: options.hasWorkspace, weeks: memoryOfWeeks(world, period.to + 1) },
    tasks,
    workers,
    rows: scope.rows,
    signal,
    onMessage(message) {
      if (message.kind === 'waiting') {
        const seconds = (performance.now() - lastWord) / 1000
        return options.onWait?.({ location: tables.location, seconds, why: message.why })
      }
      lastWord = performance.now()
      done.push({ ...message, isLonger: partial.has(nameOf(message.part)) })
      progress({ month: message.part.month, rows: sumOfFacts(message.added) })
    },
  })
  const complete = done.length === kept.length + tasks.reduce((n, task) => n + task.months.length, 0)
  const allShards =
    complete && isWhole(world, period, shard.count === 1 ? done.map(({ part }) => part) : await tables.parts())
  if (allShards) await tables.finish((period.to + 1) * SECONDS_PER_DAY)
  const rows = byFact((name) => done.reduce((sum, { added }) => sum + added[name], 0))
  const seconds = (performance.now() - start) / 1000
  const sizeBytes = await tables.sizeBytes()
  const isNew = done.slice(kept.length)
  return {
    ...headOf(scope),
    database,
    dryRun: false,
    parts: partsOf(
      isNew.filter(({ isLonger }) => !isLonger).length,
      isNew.filter(({ isLonger }) => isLonger).length,
      kept.length,
    ),
    rows,
    sizeBytes,
    total: { rows: byFact((name) => done.reduce((sum, { part }) => sum + part.rows[name], 0)), sizeBytes },
    seconds,
    rowsPerSecond: Math.round(sumOfFacts(rows) / seconds),
    peakRssBytes: process.resourceUsage().maxRSS * 1024,
    complete,
    allShards,
  }
}

const nameOf = ({ block, month }: Pick<LoadedPart, 'block' | 'month'>): string => `${formatMonth(month)}/${block}`
/** Both facts of a block and month count as two parts, as in a lake. */
const partsOf = (made: number, longer: number, kept: number): BackfillResult['parts'] => ({
  made: made * facts.length,
  longer: longer * facts.length,
  kept: kept * facts.length,
  remade: 0,
})

type Months = TableTask['months']

const covers = (part: LoadedPart, { from, through }: Months[number]): boolean =>
  part.from <= from && part.through >= through

/** The months that each block lacks, and the existing parts. */
function tasksOf(
  blocks: readonly number[],
  months: Months,
  there: readonly LoadedPart[],
): { tasks: TableTask[]; kept: LoadedPart[] } {
  const parts = new Map(there.map((part) => [nameOf(part), part]))
  const kept: LoadedPart[] = []
  const tasks = blocks.map((block): TableTask => {
    const lacking = months.filter((month) => {
      const part = parts.get(nameOf({ block, month: month.month }))
      if (!part || !covers(part, month)) return true
      kept.push(part)
      return false
    })
    return { block, months: lacking }
  })
  return { tasks: tasks.filter((task) => task.months.length > 0), kept }
}

/** Whether every block has every month. */
const isWhole = (world: World, period: Period, parts: readonly LoadedPart[]): boolean =>
  tasksOf(blocksOf(world), monthsOf(period), parts).tasks.length === 0

/** Live events follow history, in the same tables: history must not overtake them. */
function refuseLive(
  { location }: Pick<HistoryTables, 'location'>,
  { to }: Period,
  live: { since: number; position: number } | undefined,
): void {
  const end = (to + 1) * SECONDS_PER_DAY
  if (!live || live.since === live.position || end <= live.since) return
  const last = Math.floor(live.since / SECONDS_PER_DAY) - 1
  throw new RetailError('bad_flag', `${location} has live events from ${formatSecond(live.since)} on`, {
    why: `history to ${formatDay(to)} would repeat them`,
    hint: `use --to ${formatDay(last)} or earlier; the stream adds what comes later`,
  })
}
