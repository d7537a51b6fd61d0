import { storeId } from '../../encode/facts.ts'
import type { PlannedColumn } from '../../grade/columns.ts'
import type { BlockTally, CompareJob } from '../../grade/compare-block.ts'
import { examine } from '../../grade/differences.ts'
import { placesOf } from '../../grade/forms.ts'
import { Found as FoundSums, type Heads } from '../../grade/found.ts'
import { type Budget, samplingMemory } from '../../grade/kept.ts'
import type { GradeDifference } from '../../grade/result.ts'
import { scanOf } from '../../grade/scan.ts'
import { wholeDays } from '../../grade/whole-days.ts'
import type { Relation, ValueFamily } from '../../ports/index.ts'
import { type ColumnType, type FactName, factColumns, keyOf, tables } from '../../tables/index.ts'
import { type Day, formatDay, SECONDS_PER_DAY } from '../../time.ts'
import { letterOf } from '../../truth/own-ids.ts'
import { dayHead, dayHeadOf } from '../../truth/sql.ts'
import { compareAll } from '../grade/compare-all.ts'
import type { VerifyContext } from './check.ts'
import type { WrongDays } from './days.ts'
import { MOST_DIFFERENCES, stopped } from './report.ts'
import type { Found } from './sentences.ts'

/** Expected rows that are kept at a time: about 100 MB with the rows that were found. */
const BUDGET: Budget = { rows: 500_000, sample: 250_000 }

/**
 * The rows of days that differ, by the engine of `grade`: the sums of each store-day, one pass over the truth, which
 * keeps the rows of the store-days that differ, and one fetch of these. Each of the days has a difference, so more days
 * than differences are shown need not be looked at.
 */
export async function differingRows(context: VerifyContext, table: FactName, wrong: WrongDays): Promise<Found[]> {
  const [days, strange] = [wrong.days.slice(0, MOST_DIFFERENCES), wrong.strange.slice(0, MOST_DIFFERENCES)]
  const named = (await rowsOf(context, table, days, context.quick ? [] : strange)).sort((a, b) =>
    placeOf(a) < placeOf(b) ? -1 : 1,
  )
  const explained = new Set(named.map(({ day }) => day))
  const at = { check: table, table, kind: 'changed' } as const
  const others = wrong.days.map(formatDay).filter((day) => !explained.has(day))
  // Without rows that could be named, at least the key is.
  const unnamed = named.some(({ kind }) => kind === 'unexpected') ? [] : strange
  return [
    ...named,
    ...others.map((day) => ({ ...at, day })),
    ...unnamed.map((key) => (context.quick ? { ...at, day: String(key) } : { ...at, id: String(key) })),
  ]
}

/** Rows without a day come last. */
const placeOf = ({ day = '9', store = '', id = '', column = '' }: Found) => [day, store, id, column].join(' ')

async function rowsOf(
  context: VerifyContext,
  table: FactName,
  looked: readonly Day[],
  strange: readonly (string | null)[],
): Promise<Found[]> {
  if (looked.length + strange.length === 0) return []
  const { world, config, cut, truth, workers, signal } = context
  const days = { from: world.from, end: world.from + truth.facts[table].length }
  const planned = ownColumns(context, table)
  const { condition, relation } = relationOf(context, table, planned, looked, strange)
  const scan = scanOf(relation, table, world, planned, condition)
  const found = new FoundSums(table, world, days)
  for await (const [head, n, a, b] of relation.query(scan.sums()))
    for (let i = 0; i < head.length; i++)
      found.add(head[i] as string | null, n[i] as number, a[i] as number, b[i] as number)
  const tallies: BlockTally[] = []
  const job: CompareJob = {
    tables: [{ table, columns: planned.map(({ column }) => column), memory: found.memory }],
    days: { from: days.from, end: Math.max(days.from, ...looked) + 1 },
    ...{ only: new Set(looked), rowByRow: true },
    ...{ from: days.from * SECONDS_PER_DAY, until: cut.raw, level: samplingMemory(), budget: BUDGET },
  }
  if (!(await compareAll(config, world, [{ table, tallies }], job, { workers, signal }))) throw stopped()
  const kept = tallies.flatMap(({ kept }) => kept ?? [])
  const { extra } = wholeDays({ sums: found.sums, days, stores: world.counts.store }, String)
  const more = extra.slice(0, MOST_DIFFERENCES).map((index) => found.heads.textOf(index))
  const of = { table, world, relation, scan, planned, heads: found.heads }
  const { differences } = await examine(of, kept, more, found)
  return differences.flatMap((difference) => differencesOf(difference, context, found.heads))
}

const FAMILIES: Record<ColumnType, ValueFamily> = {
  string: 'text',
  int: 'integer',
  money: 'decimal',
  timestamp: 'instant',
}

const ownColumns = ({ world }: VerifyContext, table: FactName): PlannedColumn[] =>
  factColumns(tables[table], world.schema).map(([column, { type }]) => ({
    column,
    theirs: { name: column, type, family: FAMILIES[type] },
    by: 'name',
  }))

/** Raw as a table that `grade` reads, and the condition for rows whose ids begin with one of these days, or strangely. */
function relationOf(
  { reader, raw }: VerifyContext,
  table: FactName,
  columns: readonly PlannedColumn[],
  looked: readonly Day[],
  strange: readonly (string | null)[],
): { relation: Relation; condition: string } {
  const { dialect } = reader
  const { conversions } = dialect
  const id = dialect.column(keyOf(tables[table]))
  const letter = letterOf(table)
  const heads = looked.map((day) => dayHeadOf(letter, day))
  const texts = strange.filter((key) => key !== null)
  const after = heads.at(-1)?.replace('-', '.')
  const condition = [
    // Parts of files whose ids are all outside of the range are not read; "." comes after "-".
    ...(heads.length > 0
      ? [`(${id} >= '${heads[0]}' AND ${id} < '${after}' AND ${conversions.among(dayHead(id), heads)})`]
      : []),
    ...(texts.length > 0 ? [conversions.among(dayHead(id), texts)] : []),
    ...(texts.length < strange.length ? [`${id} IS NULL`] : []),
  ].join(' OR ')
  const relation: Relation = {
    name: raw[table],
    from: dialect.once(raw[table], condition),
    columns: columns.map(({ theirs }) => theirs),
    dialect: conversions,
    async *query(sql) {
      const rows = await reader.query(sql)
      if (rows.length > 0) yield Object.keys(rows[0]).map((name) => rows.map((row) => plain(row[name])))
    },
    keep: reader.keep,
    stop() {},
    without: async () => [],
    unreadable: async () => 0,
    async [Symbol.asyncDispose]() {},
  }
  return { relation, condition }
}

/** All integers here fit a number. */
const plain = (value: unknown): unknown => (typeof value === 'bigint' ? Number(value) : value)

function differencesOf(
  { table, kind, id, copies, cells = [], why }: GradeDifference,
  { world }: VerifyContext,
  heads: Heads,
): Found[] {
  const index = heads.indexOf(id === null ? null : id.slice(0, placesOf(world.ids).head))
  const stores = world.counts.store
  const at = {
    ...{ check: table, table },
    ...(index !== undefined && {
      day: formatDay(world.from + Math.floor(index / stores)),
      store: storeId(world, index % stores),
    }),
    ...(id !== null && { id }),
  }
  const row: Found[] =
    kind === 'doubled'
      ? [{ ...at, kind, expected: '1 row', found: `${copies} rows` }]
      : kind === 'missing' || kind === 'unexpected'
        ? [{ ...at, kind, ...(why !== undefined && { found: why }) }]
        : []
  return [
    ...row,
    ...cells.map(
      ({ column, expected, found }): Found => ({
        ...{ ...at, kind: 'changed', column, expected },
        ...(found !== null && { found }),
      }),
    ),
  ]
}
