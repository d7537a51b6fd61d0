import type { Config } from '../config/schema.ts'
import { RetailError } from '../errors.ts'
import { causesOf } from '../grade/aggregate/causes.ts'
import { type AggregateColumn, planAggregate, unknownColumn } from '../grade/aggregate/columns.ts'
import { compareGroups } from '../grade/aggregate/compare.ts'
import { GROUPS_MOST, readGroups, sampleTexts } from '../grade/aggregate/read.ts'
import {
  type AggregateJob,
  isAdditive,
  MEASURES,
  merge,
  noTotals,
  type Totals,
  totalsOfBlock,
} from '../grade/aggregate/truth.ts'
import { aggregateVerdicts } from '../grade/aggregate/verdicts.ts'
import type { NamedColumn } from '../grade/columns.ts'
import type { GradeResult } from '../grade/result.ts'
import { formatCount } from '../numbers.ts'
import type { Relation } from '../ports/index.ts'
import { formatSecond, SECONDS_PER_DAY, type Second } from '../time.ts'
import { buildWorld } from '../world/world.ts'
import { runBlocks } from './run-blocks.ts'

export interface GradeAggregateOptions {
  /** The table to compare; it is closed by the caller. */
  relation: Relation
  columns?: readonly NamedColumn[] | undefined
  /** A condition on its rows, in SQL. */
  where?: string | undefined
  /** The aggregate is one of the sale lines in [from, until); `from` is the world's first day by default. */
  until: Second
  from?: Second | undefined
  workers?: number | undefined
  signal?: AbortSignal | undefined
  onStep?: (step: string) => void
}

/** Compares anybody's aggregate of sale lines with the world, group by group. It reads it and writes nothing. */
export async function gradeAggregate(config: Config, options: GradeAggregateOptions): Promise<GradeResult> {
  const start = performance.now()
  const { relation, until, where, signal } = options
  const world = buildWorld(config)
  const first = world.from * SECONDS_PER_DAY
  const from = Math.max(first, options.from ?? first)
  if (until <= from)
    throw new RetailError('bad_flag', `--until ${formatSecond(until)} is not after the first row`, {
      why: `the period starts at ${formatSecond(from)}`,
      hint: 'give the instant to which your aggregate is complete',
    })
  options.onStep?.(`reading ${relation.name}`)
  const plan = planAggregate(relation, world, options.columns ?? [], await sampleTexts(relation, where))
  const axes = plan.axes.map(({ axis }) => axis)
  const job: AggregateJob = { axes: axes.map(({ name, bucket }) => ({ name, bucket })), from, until }
  options.onStep?.('regenerating the expected data')
  const truth = noTotals()
  const isComplete = await runBlocks<AggregateJob, Totals>(world, {
    ...{ config, worker: 'grade/aggregate-worker', of: totalsOfBlock, job },
    end: Math.ceil(until / SECONDS_PER_DAY),
    onMessage: (totals) => merge(truth, totals),
    ...{ workers: options.workers, signal },
  })
  if (!isComplete) throw new RetailError('stopped', 'stopped before all groups were compared', { hint: 'run it again' })
  if (truth.groups.size > GROUPS_MOST)
    throw new RetailError('bad_flag', `the aggregate has ${formatCount(truth.groups.size)} groups`, {
      why: `at most ${formatCount(GROUPS_MOST)} are compared at once`,
      hint: 'compare a shorter period with --from and --until, or fewer columns with --query',
    })
  options.onStep?.(`looking at ${relation.name}`)
  const period = { from, until, where }
  const numbers = [...plan.measures, ...(await recognized(options, plan, truth, period))]
  if (numbers.length === 0)
    throw new RetailError('missing', `${relation.name} has no sum to compare`, {
      why: `none of its columns is one of ${MEASURES.join(', ')}`,
      hint: 'say which column holds what: --columns total=revenue',
    })
  const measures = numbers.map(({ role }) => role as (typeof MEASURES)[number])
  const found = await readGroups(
    relation,
    plan,
    numbers.map(({ theirs, role }) => ({ theirs, cents: role === 'revenue' })),
    period,
  )
  const compared = compareGroups(truth, found, { axes, measures })
  const verdicts = aggregateVerdicts(compared, found, axes)
  const columns = [...plan.axes.map(({ column }) => column), ...numbers].map(({ role, theirs, by }) => {
    const bucket = role === 'time' ? axes[0].bucket : undefined
    return { column: bucket ?? role, theirs: theirs.name, type: theirs.type, by }
  })
  return {
    world: world.id,
    ok: verdicts.every(({ outcome }) => outcome === 'pass' || outcome === 'not asked'),
    ...{ from: formatSecond(from), until: formatSecond(until), verdicts },
    tables: [
      {
        ...{ table: 'transactions' as const, from: relation.name, columns, left: plan.left, groups: true as const },
        ...{ expected: truth.groups.size, found: found.rows, beside: found.beside },
        unreadable: await relation.unreadable(),
        ...{ counts: compared.counts, changed: compared.changed, differences: compared.differences },
        causes: causesOf({ world, truth, found, compared, axes, measures, from, until }),
      },
    ],
    seconds: (performance.now() - start) / 1000,
    peakRssBytes: process.resourceUsage().maxRSS * 1024,
  }
}

/** Numbers without a known name are recognized by their sum. */
async function recognized(
  { relation }: GradeAggregateOptions,
  plan: ReturnType<typeof planAggregate>,
  truth: Totals,
  period: { from: Second; until: Second; where: string | undefined },
): Promise<AggregateColumn[]> {
  if (plan.open.length === 0) return []
  const found = await readGroups(
    relation,
    plan,
    plan.open.map((theirs) => ({ theirs, cents: false })),
    period,
  )
  const totalOf = (of: Iterable<readonly number[] | Float64Array>, i: number) => {
    let sum = 0
    for (const sums of of) sum += Number.isFinite(sums[i]) ? sums[i] : 0
    return sum
  }
  const free = MEASURES.filter((measure) => isAdditive(measure) && !plan.measures.some(({ role }) => role === measure))
  return plan.open.map((theirs, i): AggregateColumn => {
    const total = totalOf(
      [...found.groups.values()].map(({ sums }) => sums),
      i,
    )
    const fits = free.filter((measure) => {
      const right = totalOf(truth.groups.values(), MEASURES.indexOf(measure)) / (measure === 'revenue' ? 100 : 1)
      return Math.abs(total - right) <= Math.abs(right) * 0.05
    })
    if (fits.length !== 1) throw unknownColumn(relation, theirs.name)
    free.splice(free.indexOf(fits[0]), 1)
    return { role: fits[0], theirs, by: 'content' }
  })
}
