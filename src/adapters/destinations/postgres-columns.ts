import type pg from 'pg'
import { VERSION_COLUMNS } from '../../config/fault-kinds.ts'
import type { EventSource } from '../../ports/index.ts'
import { type ColumnType, columnsOf, type FactName, facts, type TableName, tables } from '../../tables/index.ts'

/** Columns behind those of the facts, if events have versions: `op` and `version`. */
const VERSION_TYPES: Record<(typeof VERSION_COLUMNS)[number], ColumnType> = { op: 'string', version: 'int' }

export const isFact = (name: TableName): name is FactName => facts.some((fact) => fact.name === name)

/** The columns that rows of a source fill, in their order. */
export const columnsFrom = (
  { schema, versions = false }: Pick<EventSource, 'schema' | 'versions'>,
  table: TableName,
): [name: string, type: ColumnType][] => [
  ...columnsOf(tables[table], schema).map(([name, { type }]): [string, ColumnType] => [name, type]),
  ...(versions && isFact(table)
    ? VERSION_COLUMNS.map((name): [string, ColumnType] => [name, VERSION_TYPES[name]])
    : []),
]

/** What a column of that type may be in PostgreSQL, as `pg_type.typcategory` and in words. */
const KINDS: Record<ColumnType, readonly [category: string, words: string]> = {
  string: ['S', 'text'],
  int: ['N', 'a number'],
  money: ['N', 'a number'],
  timestamp: ['D', 'a time'],
}

interface Found {
  table: TableName
  column: string
  category: string
  /** It needs a value, and has no default. */
  required: boolean
}

/** Why existing tables cannot hold the rows of these tables; undefined if they can. Tables that do not exist can. */
export async function unfitColumns(
  client: pg.Client,
  namespace: string,
  names: readonly TableName[],
  source: Pick<EventSource, 'schema' | 'versions'>,
): Promise<string | undefined> {
  const { rows } = await client.query<Found>(
    `SELECT c.relname AS table, a.attname AS column, t.typcategory AS category,
            a.attnotnull AND NOT a.atthasdef AND a.attidentity = '' AS required
     FROM pg_attribute AS a JOIN pg_class AS c ON c.oid = a.attrelid
     JOIN pg_namespace AS n ON n.oid = c.relnamespace JOIN pg_type AS t ON t.oid = a.atttypid
     WHERE n.nspname = $1 AND c.relname = ANY($2) AND c.relkind IN ('r', 'p', 'v', 'f') AND a.attnum > 0 AND NOT a.attisdropped
     ORDER BY c.relname, a.attnum`,
    [namespace, names],
  )
  const wrong = names.flatMap((name) => {
    const found = rows.filter(({ table }) => table === name)
    if (found.length === 0) return []
    const expected = columnsFrom(source, name)
    const lacking = expected.map(([column]) => column).filter((column) => !found.some((each) => each.column === column))
    const other = expected.flatMap(([column, type]) => {
      const [category, words] = KINDS[type]
      const there = found.find((each) => each.column === column)
      return !there || there.category === category ? [] : [`${name}.${column} is not ${words}`]
    })
    const others = found.filter(({ column, required }) => required && !expected.some(([known]) => known === column))
    return [
      ...(lacking.length > 0 ? [`${name} does not have ${lacking.join(', ')}`] : []),
      ...other,
      ...others.map(({ column }) => `${name}.${column} needs a value, and has no default`),
    ]
  })
  return wrong.length === 0 ? undefined : wrong.join('; ')
}
