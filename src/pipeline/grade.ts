import type { Config } from '../config/schema.ts'
import { RetailError } from '../errors.ts'
import { type NamedColumn, planColumns, unusedNames } from '../grade/columns.ts'
import { type BlockTally, type CompareJob, compareBlock } from '../grade/compare-block.ts'
import type { FaultTerms } from '../grade/faults/expected.ts'
import { type TimesMemory, timesMemory } from '../grade/faults/newest.ts'
import { type Days, Found } from '../grade/found.ts'
import { BUDGET, type Budget, type KeptRows, Sampling } from '../grade/kept.ts'
import type { GradeResult } from '../grade/result.ts'
import { scanOf } from '../grade/scan.ts'
import { type Graded, verdictsOf } from '../grade/verdicts.ts'
import type { Letter, Relation } from '../ports/index.ts'
import { type FactName, facts } from '../tables/index.ts'
import { formatSecond, SECONDS_PER_DAY, type Second } from '../time.ts'
import { buildWorld, type World } from '../world/world.ts'
import { checkDrift } from './faults.ts'
import { faultsOf, lettersOf } from './grade/faults.ts'
import { gradeTable, type Side } from './grade/table.ts'
import { runPool, workerCount } from './workers.ts'

export interface GradeOptions {
  /** The tables to compare; they are closed by the caller. */
  relations: Partial<Record<FactName, Relation>>
  columns?: readonly NamedColumn[]
  /** A condition on their rows, in SQL. */
  where?: string | undefined
  /** Rows before `until`, and at or after `from` (default: the world's first day), must be there. */
  until: Second
  from?: Second | undefined
  workers?: number
  signal?: AbortSignal
  budget?: Budget
  /** What was done to the events on their way. */
  faults?: FaultTerms | undefined
  /** What their consumer put aside. */
  deadLetters?: AsyncIterable<Letter> | undefined
  onStep?: (step: string) => void
}

/** Days after `until` in which right rows count as ahead; later ones are unexpected. */
const DAYS_AHEAD = 31

/**
 * Compares anybody's tables with the world, row by row and cell by cell. It reads them and writes nothing. On abort, it
 * throws `stopped`.
 */
export async function grade(config: Config, options: GradeOptions): Promise<GradeResult> {
  const { signal, relations } = options
  const stop = () => {
    for (const relation of Object.values(relations)) relation.stop()
  }
  signal?.addEventListener('abort', stop)
  try {
    if (signal?.aborted) throw stopped()
    return await compare(config, options)
  } catch (error) {
    throw signal?.aborted ? stopped() : error
  } finally {
    signal?.removeEventListener('abort', stop)
  }
}

const stopped = (): RetailError =>
  new RetailError('stopped', 'stopped before all rows were compared', { hint: 'nothing was changed; run it again' })

async function compare(config: Config, options: GradeOptions): Promise<GradeResult> {
  const start = performance.now()
  const world = buildWorld(config)
  const { until, signal } = options
  if (options.faults) checkDrift(world, options.faults.profile)
  const step = (text: string) => {
    options.onStep?.(text)
    if (signal?.aborted) throw stopped()
  }
  const from = options.from ?? world.from * SECONDS_PER_DAY
  if (until <= world.from * SECONDS_PER_DAY || until <= from)
    throw new RetailError('bad_flag', `--until ${formatSecond(until)} is not after the first row`, {
      why: `the period starts at ${formatSecond(Math.max(from, world.from * SECONDS_PER_DAY))}`,
      hint: 'give the instant to which your table is complete',
    })
  const untilDay = Math.ceil(until / SECONDS_PER_DAY)
  const days = { from: world.from, end: untilDay + DAYS_AHEAD }
  const sides: Side[] = []
  for (const { name: table } of facts) {
    const relation = options.relations[table]
    if (!relation) continue
    step(`reading ${relation.name}`)
    const plan = await planColumns(relation, table, world, options.columns ?? [], options.where)
    const scan = scanOf(relation, table, world, plan.planned, options.where)
    sides.push({
      table,
      relation,
      plan,
      scan,
      found: new Found(table, world, days),
      tallies: [],
      times: timesOf(world, days, options),
    })
  }
  const [unused] = unusedNames(options.columns ?? [], sides)
  if (unused)
    throw new RetailError('bad_flag', `--columns ${unused.name}=${unused.is} names no column of these tables`, {
      hint: 'give pairs of our column, or a short name of it, and yours: id=sale_id,ts=sold_at',
    })
  for (const { relation, scan, found } of sides) {
    step(`adding up ${relation.name}`)
    for await (const [head, n, a, b] of relation.query(scan.sums())) {
      if (signal?.aborted) throw stopped()
      for (let i = 0; i < head.length; i++)
        found.add(head[i] as string | null, n[i] as number, a[i] as number, b[i] as number)
    }
  }
  const lastDay = Math.max(...sides.map(({ found }) => found.lastDay))
  const job: CompareJob = {
    tables: sides.map(({ table, plan, found, times }) => ({
      table,
      columns: plan.planned.map(({ column }) => column),
      memory: found.memory,
      times,
    })),
    days: { from: world.from, end: Math.max(untilDay, world.from + lastDay + 1) },
    ...{ from, until, level: new SharedArrayBuffer(4), budget: options.budget ?? BUDGET, terms: options.faults },
  }
  step('regenerating the expected data')
  await compareAll(config, world, sides, job, options)
  const graded: Graded[] = []
  for (const side of sides) {
    step(`looking at what differs in ${side.relation.name}`)
    graded.push(await gradeTable(world, side, days, job))
  }
  const { deadLetters, faults } = options
  if (deadLetters) step('reading the dead letters')
  const letters = deadLetters && (await lettersOf(graded, deadLetters, () => signal?.throwIfAborted()))
  const verdicts = verdictsOf(world, graded, letters)
  return {
    world: world.id,
    ok: verdicts.every(({ outcome }) => outcome === 'pass' || outcome === 'not asked'),
    from: formatSecond(from),
    until: formatSecond(until),
    ...(faults && { faults: faultsOf(faults, letters) }),
    verdicts,
    tables: graded.map(({ table }) => table),
    seconds: (performance.now() - start) / 1000,
    peakRssBytes: process.resourceUsage().maxRSS * 1024,
  }
}

/** From the first event to the last arrival. */
const timesOf = (world: World, days: Days, { faults }: GradeOptions): TimesMemory | undefined =>
  faults && timesMemory(world.from * SECONDS_PER_DAY, days.end * SECONDS_PER_DAY + faults.profile.max)

/** The truth once, for all tables, in worker threads. */
async function compareAll(
  config: Config,
  world: World,
  sides: readonly Side[],
  job: CompareJob,
  { workers, signal }: GradeOptions,
): Promise<void> {
  let done = 0
  const sampling = new Sampling(job.level, job.budget)
  const keptRows = () =>
    sides.reduce((n, { tallies }) => n + tallies.reduce((of, { kept }) => of + keptOf(kept, sampling), 0), 0)
  await runPool<number, BlockTally[]>({
    worker: 'grade/worker',
    open: { config, job },
    tasks: world.blocks.map(({ index }) => index),
    workers: workerCount(workers, world.blocks.length),
    async here(index, send, stop) {
      const tallies = compareBlock(world, world.blocks[index], job, stop)
      if (tallies) send(tallies)
    },
    onMessage(tallies) {
      done++
      for (const tally of tallies) sides.find(({ table }) => table === tally.table)!.tallies.push(tally)
      sampling.thin(keptRows(), keptRows)
      for (const { tallies } of sides) for (const tally of tallies) tally.kept = thinned(tally.kept, sampling)
    },
    signal,
  })
  if (done < world.blocks.length) throw stopped()
}

const keptOf = (kept: KeptRows | undefined, sampling: Sampling): number =>
  kept?.spans.reduce((n, { index, length }) => n + (sampling.keeps(index) ? length : 0), 0) ?? 0

/** Rows of a piece go when none of its store-days is kept any more. */
function thinned(kept: KeptRows | undefined, sampling: Sampling): KeptRows | undefined {
  const spans = kept?.spans.filter(({ index }) => sampling.keeps(index))
  return kept && spans && spans.length > 0 ? { ...kept, spans } : undefined
}
