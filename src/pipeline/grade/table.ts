import { memberId } from '../../encode/facts.ts'
import type { ColumnPlan } from '../../grade/columns.ts'
import type { BlockTally, CompareJob } from '../../grade/compare-block.ts'
import { examine } from '../../grade/differences.ts'
import { Attribution } from '../../grade/faults/attribution.ts'
import { faultLines } from '../../grade/faults/lines.ts'
import type { TimesMemory } from '../../grade/faults/newest.ts'
import type { Found } from '../../grade/found.ts'
import { Sampling } from '../../grade/kept.ts'
import { reportColumns } from '../../grade/report.ts'
import type { GradedTable } from '../../grade/result.ts'
import type { Scan } from '../../grade/scan.ts'
import { StrangeIds } from '../../grade/strange-ids.ts'
import type { Graded } from '../../grade/verdicts.ts'
import { wholeDays } from '../../grade/whole-days.ts'
import type { Relation } from '../../ports/index.ts'
import type { FactName } from '../../tables/index.ts'
import type { World } from '../../world/world.ts'

/** A table, and what is known of it so far. */
export interface Side {
  table: FactName
  relation: Relation
  plan: ColumnPlan
  scan: Scan
  found: Found
  tallies: BlockTally[]
  times?: TimesMemory | undefined
}

/** Looks at what differs, and sums up. */
export async function gradeTable(
  world: World,
  { table, relation, plan, scan, found, tallies, times }: Side,
  days: { from: number; end: number },
  { level, budget, terms, from, until }: CompareJob,
): Promise<Graded> {
  const stores = world.counts.store
  const whole = wholeDays({ sums: found.sums, days, stores }, (store) => memberId('store', world, store))
  const sum = (of: (tally: BlockTally) => number) => tallies.reduce((n, tally) => n + of(tally), 0)
  const kept = tallies.flatMap(({ kept }) => kept ?? [])
  const EXTRA_MOST = 1_000
  const extra = whole.extra.slice(0, EXTRA_MOST).map((index) => found.heads.textOf(index))
  const columns = reportColumns({ table, world, scan }).map(({ name, column, first, integers }) => ({
    ...{ name, kind: column.kind, first, integers },
    zero: column.kind === 'money' ? 0 : column.kind === 'whole' ? Math.max(0, -column.least) : undefined,
  }))
  const attribution =
    terms &&
    times &&
    new Attribution(
      { world, table, terms, period: { from, until }, columns },
      tallies.flatMap(({ faults }) => faults ?? []),
      times,
    )
  const examined = await examine(
    { table, world, relation, scan, planned: plan.planned, heads: found.heads, attribution },
    kept,
    extra,
    found,
  )
  const { counts } = examined
  counts.missing += sum(({ absent }) => absent)
  counts.doubled += sum(({ repeated }) => repeated)
  for (const index of whole.extra.slice(EXTRA_MOST)) {
    counts.unexpected += found.sums.counts[index]
    if (attribution) attribution.unexplained.unexpected += found.sums.counts[index]
  }
  if (whole.absent + whole.repeated > 0) examined.ledger = undefined
  const looked = kept.reduce((n, { spans }) => n + spans.length, 0)
  const isSample = new Sampling(level, budget).isSample && looked < whole.differing
  const unexpected = examined.differences.flatMap(({ kind, id }) => (kind === 'unexpected' && id !== null ? [id] : []))
  const lines = attribution && faultLines(attribution, examined.differences, isSample)
  const result: GradedTable = {
    table,
    from: relation.name,
    columns: plan.planned.map(({ column, theirs, by }) => ({ column, theirs: theirs.name, type: theirs.type, by })),
    left: plan.left,
    expected: sum(({ expected }) => expected),
    found: found.rows,
    beside: sum(({ beside }) => beside) + examined.beside,
    unreadable: await relation.unreadable(),
    counts,
    changed: examined.changed,
    causes: [
      ...new StrangeIds(table, world).cause(found, unexpected),
      ...whole.causes,
      ...examined.causes,
      ...(attribution?.causes ?? []),
    ],
    ...(isSample && { sample: { storeDays: looked, of: whole.differing, rows: examined.rows } }),
    ...(attribution && { faults: lines, unexplained: attribution.unexplained }),
    differences: examined.differences,
  }
  if (!attribution || !lines) return { table: result, examined }
  return { table: result, examined, faulty: { attribution, lines, isSample, differences: examined.differences } }
}
