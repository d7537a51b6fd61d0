import { RetailError } from '../errors.ts'
import type { Relation, RelationColumn } from '../ports/index.ts'
import { type FactColumn, type FactName, factColumns, tables } from '../tables/index.ts'
import type { World } from '../world/world.ts'
import { fitOf, isBare, type Sample, unitOf } from './content.ts'
import { type ColumnForm, idColumn } from './forms.ts'

/** A column of theirs, and how it was found. */
export interface PlannedColumn extends ColumnForm {
  by: 'flag' | 'name' | 'content'
}

export interface ColumnPlan {
  planned: PlannedColumn[]
  /** Columns of ours that a flag leaves out. */
  left: string[]
}

/** A pair of `--columns`: either side may be ours. */
export interface NamedColumn {
  name: string
  is: string
}

/** Stands for a column that the table does not have. */
const NOT_THERE = '-'
const SAMPLE_ROWS = 1_000

/** What people call our columns, besides their names. */
const ALIASES: { [K in FactColumn['kind']]: (column: Extract<FactColumn, { kind: K }>) => string[] } = {
  rowId: () => ['id'],
  siblingId: () => ['basket', 'visit'],
  member: ({ references }) => NAMES_OF[references],
  optionalMember: ({ references }) => NAMES_OF[references],
  spanMember: ({ references }) => NAMES_OF[references],
  instant: () => ['ts', 'time', 'at', 'eventtime', 'eventts', 'occurredat', 'soldat', 'movedat'],
  whole: () => ['qty', 'quantity', 'units', 'change', 'delta'],
  money: () => ['price', 'unitprice'],
  choice: () => ['type'],
  cause: () => ['reference', 'ref'],
}
const NAMES_OF = {
  product: ['product', 'sku', 'item'],
  store: ['store', 'shop'],
  customer: ['customer', 'client', 'member'],
  price_history: ['price'],
}

const plain = (name: string) => name.toLowerCase().replace(/[^a-z0-9]/g, '')
const aliasesOf = (name: string, column: FactColumn): string[] => {
  const own = plain(name)
  const aliases = (ALIASES[column.kind] as (column: FactColumn) => string[])(column)
  return [own, own.replace(/id$/, ''), ...aliases, ...aliases.map((alias) => `${alias}id`)]
}

/**
 * Which column of theirs holds each of ours: by a flag, by its name, or by its content. Throws if one is not found, since
 * a column that nobody compares would pass. `renames`: names that events give to columns from an instant on.
 */
export async function planColumns(
  relation: Relation,
  table: FactName,
  world: World,
  named: readonly NamedColumn[],
  where: string | undefined,
  renames: readonly { column: string; to: string }[] = [],
): Promise<ColumnPlan> {
  const ours = factColumns(tables[table], world.schema)
  const sample = await sampleOf(relation, where)
  const planned = new Map<string, PlannedColumn>()
  const left = new Set<string>()
  const free = () =>
    relation.columns.filter(({ name }) => ![...planned.values()].some(({ theirs }) => theirs.name === name))
  const take = (column: string, theirs: RelationColumn, by: PlannedColumn['by']) => {
    const [, record] = ours.find(([name]) => name === column)!
    const texts = sample.texts(theirs.name)
    planned.set(column, {
      ...{ column, theirs, by },
      ...(/member/i.test(record.kind) && isBare(texts) && { bare: true }),
      ...(record.kind === 'instant' && !['instant', 'date'].includes(theirs.family) && epochOf(texts)),
    })
  }
  for (const [column, record] of ours) {
    const names = aliasesOf(column, record)
    const flag = flagFor(named, names, relation.columns)
    if (flag === NOT_THERE) left.add(column)
    else if (flag) take(column, flag, 'flag')
  }
  for (const nth of [0, 1])
    for (const [column, record] of ours) {
      if (planned.has(column) || left.has(column)) continue
      const later = renames.flatMap((each) => (each.column === column ? [plain(each.to)] : []))
      const names = nth === 0 ? [plain(column)] : [...later, ...aliasesOf(column, record)]
      const found = free().filter(({ name }) => names.includes(plain(name)))
      if (found.length === 1) take(column, found[0], 'name')
    }
  const open = () => ours.filter(([column]) => !planned.has(column) && !left.has(column))
  // The others are recognized with the help of the ids.
  for (const [column, record] of open().toSorted(
    ([a], [b]) => Number(b === idColumn(table)) - Number(a === idColumn(table)),
  )) {
    const ids = planned.get(idColumn(table))
    const fits = free().filter((theirs) => fitOf(record, sample, theirs, ids?.theirs, world) >= 0.8)
    if (fits.length === 1) take(column, fits[0], 'content')
    else if (fits.length > 1) throw notFound(relation, table, column, fits)
  }
  const [missing] = open()
  if (missing) throw notFound(relation, table, missing[0], [])
  if (left.has(idColumn(table)))
    throw new RetailError('bad_flag', `${relation.name} cannot be compared without ${idColumn(table)}`, {
      why: 'an id says which row it is',
      hint: `name the column that holds it: --columns id=NAME`,
    })
  await refuseOtherTables(relation, table, planned.get(idColumn(table))!.theirs)
  return { planned: ours.flatMap(([column]) => planned.get(column) ?? []), left: [...left] }
}

const FILES_SHOWN = 3

/** Files of another table would be rows without an id. */
async function refuseOtherTables(relation: Relation, table: FactName, { name }: RelationColumn): Promise<void> {
  const others = await relation.without(name)
  if (others.length === 0) return
  const more = others.length - FILES_SHOWN
  throw new RetailError('missing', `${relation.name} has files of several tables`, {
    why: `these have no column ${name}: ${others.slice(0, FILES_SHOWN).join(', ')}${more > 0 ? `, and ${more} more` : ''}`,
    hint: `name only the files of ${table}, with a pattern such as 'out/**/${table}*'`,
  })
}

function flagFor(
  named: readonly NamedColumn[],
  names: readonly string[],
  theirs: readonly RelationColumn[],
): RelationColumn | typeof NOT_THERE | undefined {
  const called = (name: string) => theirs.find((column) => column.name.toLowerCase() === name.toLowerCase())
  const meant = (found: (pair: NamedColumn) => RelationColumn | typeof NOT_THERE | false | undefined) => {
    const pairs = named.filter(found)
    // One of them would be ignored.
    if (new Set(pairs.map(found)).size > 1)
      throw new RetailError('bad_flag', `--columns names ${pairs[0].name} twice`, {
        why: pairs.map(({ name, is }) => `${name}=${is}`).join(' and '),
        hint: 'give one pair for each column',
      })
    return pairs.length > 0 ? found(pairs[0]) || undefined : undefined
  }
  return (
    meant(({ name, is }) => names.includes(plain(name)) && (is === NOT_THERE ? NOT_THERE : called(is))) ??
    meant(({ name, is }) => names.includes(plain(is)) && called(name))
  )
}

/** Pairs that name no column of any of these tables. */
export const unusedNames = (
  named: readonly NamedColumn[],
  plans: readonly { plan: ColumnPlan; relation: Relation }[],
): NamedColumn[] =>
  named.filter(({ name, is }) => {
    const words = [name.toLowerCase(), is.toLowerCase()]
    return !plans.some(
      ({ plan, relation }) =>
        (is === NOT_THERE && plan.left.length > 0) ||
        relation.columns.some((column) => words.includes(column.name.toLowerCase())),
    )
  })

async function sampleOf({ columns, dialect, from, query }: Relation, where: string | undefined): Promise<Sample> {
  const texts = new Map<string, (string | null)[]>(columns.map(({ name }) => [name, []]))
  const cells = columns.map(({ name }, i) => `${dialect.text(dialect.column(name))} AS c${i}`)
  const rows = (condition: string, most: number) =>
    query(`SELECT ${cells.join(', ')} FROM ${from}${condition} LIMIT ${most}`)
  // A fault that has nothing to do with the condition shows itself here.
  if (where) for await (const _ of rows('', 1)) break
  try {
    for await (const chunk of rows(whereClause(where), SAMPLE_ROWS))
      columns.forEach(({ name }, i) => void texts.get(name)!.push(...(chunk[i] as (string | null)[])))
  } catch (error) {
    if (!where || !(error instanceof RetailError)) throw error
    throw new RetailError('bad_flag', `--where ${where} cannot be used`, {
      why: error.why,
      hint: "it is a condition of SQL on the columns of your table, such as country = 'US'",
      cause: error,
    })
  }
  return { texts: (name) => texts.get(name) ?? [] }
}

/** The line end closes a comment. */
export const whereClause = (where: string | undefined): string => (where ? ` WHERE (${where}\n)` : '')

const epochOf = (texts: readonly (string | null)[]) => {
  const epoch = unitOf(texts)
  return epoch === undefined ? {} : { epoch }
}

function notFound(relation: Relation, table: FactName, column: string, fits: readonly RelationColumn[]): RetailError {
  const names = (fits.length > 0 ? fits : relation.columns).map(({ name }) => name)
  return new RetailError('missing', `${relation.name} has no column that is certainly ${column} of ${table}`, {
    why: fits.length > 0 ? `${names.join(' and ')} could be it` : `it has ${names.join(', ')}`,
    hint: `name it with --columns ${column}=NAME${column === idColumn(table) ? '' : `, or leave it out with --columns ${column}=-`}`,
  })
}
