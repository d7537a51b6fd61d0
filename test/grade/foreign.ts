import fs from 'node:fs'
import path from 'node:path'
import { openDatabase } from '../../src/adapters/local/duckdb.ts'
import type { Rng } from '../../src/random/rng.ts'
import { type ColumnType, columnsOf, type FactName, keyOf, tables, type WorldSchema } from '../../src/tables/index.ts'
import type { CorruptRow } from './corrupt.ts'

/** A cell as another type, from the text `"c"`; `TIME` is that text as a timestamp. What a type cannot hold is NULL. */
type Form = readonly [name: string, sql: string]

const text = (sql: string): Form => ['text', sql]
const TIME = 'TRY_CAST("c" AS TIMESTAMP)'
const FORMS: Record<'member' | ColumnType, readonly Form[]> = {
  string: [text('"c"'), ['blob', 'CAST("c" AS BLOB)']],
  member: [text('"c"'), ['bare number', 'TRY_CAST(substr("c", 2) AS INTEGER)'], ['bare text', 'substr("c", 2)']],
  int: [
    ['INTEGER', 'TRY_CAST("c" AS INTEGER)'],
    ['BIGINT', 'TRY_CAST("c" AS BIGINT)'],
    ['HUGEINT', 'TRY_CAST("c" AS HUGEINT)'],
    ['DOUBLE', 'TRY_CAST("c" AS DOUBLE)'],
    ['FLOAT', 'TRY_CAST("c" AS FLOAT)'],
    ['DECIMAL', 'TRY_CAST("c" AS DECIMAL(38,4))'],
    text('"c"'),
  ],
  money: [
    ['DECIMAL(10,2)', 'TRY_CAST("c" AS DECIMAL(10,2))'],
    ['DECIMAL(38,9)', 'TRY_CAST("c" AS DECIMAL(38,9))'],
    ['DOUBLE', 'TRY_CAST("c" AS DOUBLE)'],
    ['FLOAT', 'TRY_CAST("c" AS FLOAT)'],
    text('"c"'),
    ['short text', `coalesce(CAST(TRY_CAST("c" AS DOUBLE) AS VARCHAR), "c")`],
  ],
  timestamp: [
    ['TIMESTAMP', TIME],
    ['TIMESTAMPTZ', 'TRY_CAST("c" AS TIMESTAMPTZ)'],
    ['TIMESTAMP_NS', `CAST(${TIME} AS TIMESTAMP_NS)`],
    text('"c"'),
    ['ISO text', `coalesce(strftime(${TIME}, '%Y-%m-%dT%H:%M:%S.%fZ'), "c")`],
    ['text with a zone', `coalesce(strftime(${TIME} + INTERVAL 5 HOUR, '%Y-%m-%d %H:%M:%S.%f+05:00'), "c")`],
    ['epoch s', `epoch_us(${TIME}) / 1e6`],
    ['epoch ms', `epoch_us(${TIME}) / 1e3`],
    ['epoch us', `epoch_us(${TIME})`],
    ['epoch ns', `epoch_us(${TIME}) * 1000`],
    ['epoch s as text', `coalesce(CAST(epoch_us(${TIME}) / 1e6 AS VARCHAR), "c")`],
  ],
}

/** An optional cell without a value is an empty text in our plain rows. */
const nothingAsNull = (column: string, value: unknown) => (column === 'customer_id' && value === '' ? null : value)

const CONTAINERS = ['parquet', 'csv', 'ndjson', 'duckdb', 'parquet in folders'] as const

/** Names that are recognized, and names that say nothing. */
const CALLED: Record<string, readonly string[]> = {
  transaction_id: ['transaction_id', 'id', 'TransactionId', 'x1'],
  inventory_id: ['inventory_id', 'ID', 'x1'],
  product_id: ['product_id', 'sku', 'productId', 'x2'],
  timestamp: ['timestamp', 'ts', 'Event Time', 'x3'],
  quantity: ['quantity', 'qty', 'x4'],
  quantity_change: ['quantity_change', 'delta'],
  unit_price: ['unit_price', 'price', 'Unit-Price'],
  store_id: ['store_id', 'shop', 'Store', 'x5'],
  basket_id: ['basket_id', 'x6'],
  customer_id: ['customer_id', 'x7'],
  movement_type: ['movement_type', 'x7'],
  reference_id: ['reference_id', 'x8'],
}

export interface Foreign {
  /** As `--transactions` takes it. */
  place: string
  /** What it is made of, for a failure. */
  about: string
}

/**
 * Writes rows as somebody else would: other types, names, order, columns, and files. Damage of a whole column may leave
 * nothing by which to recognize it but its name: `telling` names say what they hold.
 */
export async function writeForeign(
  rows: readonly CorruptRow[],
  table: FactName,
  schema: WorldSchema,
  folder: string,
  rng: Rng,
  { telling = false }: { telling?: boolean } = {},
): Promise<Foreign> {
  const pick = <T>(list: readonly T[]): T => list[rng.below(list.length)]
  const columns = columnsOf(tables[table], schema)
  await using database = await openDatabase(':memory:', { threads: 1 })
  const source = path.join(folder, 'rows.ndjson')
  fs.writeFileSync(source, rows.map((row) => `${JSON.stringify(row, nothingAsNull)}\n`).join(''))
  const types = columns.map(([name]) => `'${name}': 'VARCHAR'`).join(', ')
  const chosen = columns.map(([name, { type, references }]) => {
    const kind = references ? 'member' : type
    const form =
      name === keyOf(tables[table]) || kind === 'string' ? FORMS.string[rng.below(8) === 0 ? 1 : 0] : pick(FORMS[kind])
    const names = CALLED[name].filter((called) => !called.startsWith('x') || !(telling || form[0].startsWith('bare')))
    return { name, form, called: pick(names) }
  })
  const order = chosen.map((each) => [rng.unit(), each] as const).sort(([a], [b]) => a - b)
  const select = order.map(([, { name, form, called }]) => `${form[1].replaceAll('"c"', `"${name}"`)} AS "${called}"`)
  if (rng.below(2) === 0) select.splice(rng.below(select.length), 0, `now() AS ingested_at`)
  const container = pick(CONTAINERS)
  const ordered = `SELECT ${select.join(', ')} FROM read_ndjson('${source}', columns = {${types}}) ORDER BY ${pick(['random()', `"${keyOf(tables[table])}"`, '1', '2'])}`
  await database.run(`SELECT setseed(${rng.unit()})`)
  // One table, because a random order would be another one in each statement.
  await database.run(`CREATE TABLE ordered AS ${ordered}`)
  const sql = 'SELECT * FROM ordered'
  const about = `${container}: ${chosen.map(({ name, form, called }) => `${name} is ${called}, ${form[0]}`).join('; ')}`
  const at = (file: string) => path.join(folder, file)
  if (container === 'duckdb') {
    await database.run(`ATTACH '${at('mine.db')}' AS mine`)
    await database.run(`CREATE SCHEMA mine.shop; CREATE TABLE mine.shop.sales AS ${sql}`)
    await database.run('DETACH mine')
    return { place: `duckdb:${at('mine.db')}:shop.sales`, about }
  }
  if (container === 'parquet in folders') {
    for (const part of [0, 1]) {
      fs.mkdirSync(at(`out/p${part}`), { recursive: true })
      await database.run(
        `COPY (SELECT * EXCLUDE part FROM (SELECT *, rowid % 2 AS part FROM ordered) WHERE part = ${part}) TO '${at(`out/p${part}/rows.parquet`)}' (FORMAT parquet)`,
      )
    }
    return { place: at('out/**/*.parquet'), about }
  }
  const format = { parquet: 'parquet', csv: pick([`csv`, `csv, DELIMITER '|'`]), ndjson: 'json' }[container]
  await database.run(`COPY (${sql}) TO '${at(`out.${container}`)}' (FORMAT ${format})`)
  return { place: at(`out.${container}`), about }
}
