import type { Config } from '../config/schema.ts'
import { RetailError } from '../errors.ts'
import { type NamedColumn, planColumns, unusedNames } from '../grade/columns.ts'
import type { CompareJob } from '../grade/compare-block.ts'
import type { FaultTerms } from '../grade/faults/expected.ts'
import { renamesOf } from '../grade/faults/new-names.ts'
import { type TimesMemory, timesMemory } from '../grade/faults/newest.ts'
import { type Days, Found } from '../grade/found.ts'
import { BUDGET, type Budget, samplingMemory } from '../grade/kept.ts'
import type { GradeResult } from '../grade/result.ts'
import { scanOf } from '../grade/scan.ts'
import { type Graded, verdictsOf } from '../grade/verdicts.ts'
import type { Letter, Relation } from '../ports/index.ts'
import { type FactName, facts } from '../tables/index.ts'
import { formatSecond, SECONDS_PER_DAY, type Second } from '../time.ts'
import { buildWorld, type World } from '../world/world.ts'
import { checkDrift } from './faults.ts'
import { compareAll } from './grade/compare-all.ts'
import { faultsOf, lettersOf } from './grade/faults.ts'
import { gradeTable, type Side } from './grade/table.ts'

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
    const renames = options.faults ? renamesOf(options.faults.profile, table) : []
    const plan = await planColumns(relation, table, world, options.columns ?? [], options.where, renames)
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
    ...{ from, until, level: samplingMemory(), budget: options.budget ?? BUDGET, terms: options.faults },
  }
  step('regenerating the expected data')
  if (!(await compareAll(config, world, sides, job, options))) throw stopped()
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
