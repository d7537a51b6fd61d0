import { storeId } from '../../encode/facts.ts'
import type { Dialect, Row } from '../../ports/index.ts'
import {
  byDimension,
  columnsOf,
  type DimensionName,
  dimensions,
  type FactName,
  factColumns,
  facts,
  keyOf,
  tables,
} from '../../tables/index.ts'
import { type Day, formatDay, SECONDS_PER_DAY, type Second } from '../../time.ts'
import { sameSums } from '../../truth/checksum.ts'
import { dimensionSums, dimensionValues } from '../../truth/dimensions.ts'
import { dollars, type PlainRow, rowsOfDay } from '../../truth/rows.ts'
import { countsBy, factSums, instant, type SumRow, stockColumns, sumsBy, sumsOf } from '../../truth/sql.ts'
import { rowsOf } from '../../world/dimensions.ts'
import type { World } from '../../world/world.ts'
import type { Finding, VerifyContext } from './check.ts'
import { wrongDays } from './days.ts'
import type { Found } from './sentences.ts'

/** Days and stores that are compared row by row; the rest of a large difference is only counted. */
const DAYS_SHOWN = 3
const STORES_SHOWN = 5
/** Groups per query: about 100 MB. */
const STORE_DAYS_AT_ONCE = 400_000
const BALANCES_AT_ONCE = 200_000
const BALANCES_SHOWN = 20

export async function checkFact(context: VerifyContext, table: FactName): Promise<Finding> {
  const { reader, world, truth, cut, quick } = context
  const { dialect } = reader
  const relation = dialect.once(context.raw[table])
  const time = dialect.column('timestamp')
  const day = `CAST(${time} AS DATE)`
  const where = `${time} < ${instant(dialect, cut.raw)}`
  const expected = truth.facts[table]
  const found: SumRow[] = []
  if (quick) found.push(...(await reader.query<SumRow>(countsBy(day, relation, where))))
  else
    for (const days of dayRanges(world, expected.length, cut.raw, dialect))
      found.push(
        ...(await reader.query<SumRow>(factSums(day, table, world.schema, world.ids, relation, days, dialect))),
      )
  const wrong = wrongDays(found, expected, world.from, quick)
  const differences: Found[] = []
  for (const bad of wrong.slice(0, DAYS_SHOWN)) differences.push(...(await drillDay(context, table, bad)))
  for (const bad of wrong.slice(DAYS_SHOWN))
    differences.push({ check: table, kind: 'changed', table, day: formatDay(bad) })
  return { compared: expected.length, differences }
}

/**
 * Conditions that divide raw by days, so that a query covers this many store-days at a time. Together they cover
 * everything before `end`.
 */
export function dayRanges(
  world: { from: Day; stores: { count: number } },
  days: number,
  end: Second,
  dialect: Dialect,
  storeDays = STORE_DAYS_AT_ONCE,
): string[] {
  const length = Math.max(1, Math.floor(storeDays / world.stores.count))
  const column = dialect.column('timestamp')
  const conditions: string[] = []
  for (let day = 0; day === 0 || day < days; day += length) {
    const to = day + length >= days ? end : (world.from + day + length) * SECONDS_PER_DAY
    const begin = day === 0 ? '' : `${column} >= ${instant(dialect, (world.from + day) * SECONDS_PER_DAY)} AND `
    conditions.push(`${begin}${column} < ${instant(dialect, to)}`)
  }
  return conditions
}

/** The rows of a day that differ: fetched and recomputed for the stores whose sums differ. */
async function drillDay({ reader, raw, world, cut }: VerifyContext, table: FactName, day: Day): Promise<Found[]> {
  const { dialect } = reader
  const columns = columnsOf(tables[table], world.schema)
  const id = keyOf(tables[table])
  const select = columns
    .map(([name, { type }]) => `${dialect.text(dialect.column(name), type)} AS ${dialect.column(name)}`)
    .join(', ')
  const time = dialect.column('timestamp')
  const where = `CAST(${time} AS DATE) = DATE '${formatDay(day)}' AND ${time} < ${instant(dialect, cut.raw)}`
  const rows = (await reader.query(
    `SELECT ${select} FROM ${dialect.once(raw[table])} WHERE ${where} ORDER BY 1`,
  )) as PlainRow[]
  const byStore = new Map<string, PlainRow[]>()
  for (const row of rows) {
    const store = row[id].slice(8, 8 + world.ids.store)
    byStore.set(store, [...(byStore.get(store) ?? []), row])
  }
  const all = Array.from({ length: world.stores.count }, (_, store) => store)
  const truth = day < world.from ? new Map<number, PlainRow[]>() : rowsOfDay(world, table, day, all, cut.raw)
  const differences: Found[] = []
  let stores = 0
  for (const store of all) {
    const name = String(store + 1).padStart(world.ids.store, '0')
    const found = compareRows(table, id, formatDay(day), `S${name}`, truth.get(store) ?? [], byStore.get(name) ?? [])
    byStore.delete(name)
    if (found.length > 0 && ++stores <= STORES_SHOWN) differences.push(...found)
  }
  for (const strangers of byStore.values()) {
    for (const row of strangers)
      differences.push({ check: table, kind: 'unexpected', table, day: formatDay(day), id: row[id] })
  }
  return differences
}

function compareRows(
  table: FactName,
  id: string,
  day: string,
  store: string,
  expected: readonly PlainRow[],
  found: readonly PlainRow[],
): Found[] {
  const differences: Found[] = []
  const at = { check: table, table, day, store }
  const have = new Map<string, PlainRow[]>()
  for (const row of found) have.set(row[id], [...(have.get(row[id]) ?? []), row])
  for (const row of expected) {
    const copies = have.get(row[id]) ?? []
    have.delete(row[id])
    if (copies.length === 0) differences.push({ ...at, kind: 'missing', id: row[id] })
    if (copies.length > 1)
      differences.push({ ...at, kind: 'doubled', id: row[id], expected: '1 row', found: `${copies.length} rows` })
    for (const [column, value] of Object.entries(row)) {
      const other = copies.find((copy) => copy[column] !== value)
      if (other)
        differences.push({ ...at, kind: 'changed', id: row[id], column, expected: value, found: String(other[column]) })
    }
  }
  for (const name of have.keys()) differences.push({ ...at, kind: 'unexpected', id: name })
  return differences
}

/** The expected content of product and store, as text. */
export const dimensionRows = (world: World): Record<DimensionName, PlainRow[]> =>
  byDimension((name) =>
    rowsOf(world, name).map((row) =>
      Object.fromEntries(
        columnsOf(tables[name], world.schema).map(([column, { type }]) => [
          column,
          type === 'money' ? dollars(Number(row[column])) : String(row[column]),
        ]),
      ),
    ),
  )

export async function checkDimensions({ reader, world, dimensions: expected }: VerifyContext): Promise<Finding> {
  const differences: Found[] = []
  let compared = 0
  for (const { name: table } of dimensions) {
    const { dialect } = reader
    const values = dimensionValues(table, world.schema, dialect)
    const [sums] = await reader.query<SumRow>(sumsBy('0', values, dialect.relation('raw', table), 'true', dialect))
    compared += expected[table].length
    if (sameSums(sumsOf(sums), dimensionSums(world, table))) continue
    const columns = columnsOf(tables[table], world.schema)
    const select = columns
      .map(([name, { type }]) => `${dialect.text(dialect.column(name), type)} AS ${dialect.column(name)}`)
      .join(', ')
    const found = (await reader.query(
      `SELECT ${select} FROM ${dialect.relation('raw', table)} ORDER BY 1`,
    )) as PlainRow[]
    for (const difference of compareRows('transactions', keyOf(tables[table]), '', '', expected[table], found)) {
      const { day: _day, store: _store, ...rest } = difference
      differences.push({ ...rest, check: 'dimensions', table })
    }
  }
  return { compared, differences }
}

export async function checkKeys({ reader, raw, cut, world }: VerifyContext): Promise<Finding> {
  const { dialect } = reader
  const differences: Found[] = []
  let compared = 0
  for (const { name: table } of facts) {
    for (const [column, reference] of factColumns(tables[table], world.schema)) {
      if (!('references' in reference)) continue
      const { references: dimension } = reference
      const key = keyOf(tables[dimension])
      const sql = `
SELECT used.${column} AS id, known.${key} AS resolved FROM (SELECT DISTINCT ${column} FROM ${raw[table]} WHERE ${dialect.column('timestamp')} < ${instant(dialect, cut.raw)}) AS used
LEFT JOIN ${dialect.relation('raw', dimension)} AS known ON known.${key} = used.${column}`
      const rows = await reader.query<{ id: string; resolved: string | null }>(sql)
      compared += rows.length
      for (const { id, resolved } of rows)
        if (resolved === null)
          differences.push({
            check: 'keys',
            kind: 'unexpected',
            table,
            column,
            id,
            found: `this ${dimension} does not exist`,
          })
    }
  }
  return { compared, differences }
}

/** Like `dayRanges`, but by stores: a closing balance needs all days. */
export function storeRanges(
  world: { ids: { store: number }; stores: { count: number }; products: { count: number } },
  balances = BALANCES_AT_ONCE,
): string[] {
  const length = Math.max(1, Math.floor(balances / world.products.count))
  const conditions: string[] = []
  for (let store = 0; store < world.stores.count; store += length) {
    const begin = `store_id >= '${storeId(world, store)}'`
    const end = `store_id < '${storeId(world, store + length)}'`
    if (store + length >= world.stores.count) conditions.push(store === 0 ? 'TRUE' : begin)
    // Rows without a store are in the first range.
    else conditions.push(store === 0 ? `(${end} OR store_id IS NULL)` : `${begin} AND ${end}`)
  }
  return conditions
}

export async function checkLedger({ reader, raw, ports, world, truth, cut }: VerifyContext): Promise<Finding> {
  const { dialect } = reader
  const time = dialect.column('timestamp')
  const have = { rows: 0n, a: 0n, b: 0n }
  const negative: Row[] = []
  // If queries are billed, each of them covers all rows.
  for (const some of ports.warehouse.traits.billed ? ['TRUE'] : storeRanges(world)) {
    const relation = await reader.keep(
      'closing_balances',
      `SELECT store_id, product_id, SUM(quantity_change) AS on_hand, MAX(${time}) AS last_moved_at
FROM ${dialect.once(raw.inventories)} WHERE ${time} < ${instant(dialect, cut.raw)} AND ${some} GROUP BY store_id, product_id`,
    )
    const [row] = await reader.query<SumRow>(sumsBy('0', stockColumns(dialect), relation, 'on_hand >= 0', dialect))
    const { rows, a, b } = sumsOf(row)
    have.rows += rows
    have.a += a
    have.b += b
    if (negative.length < BALANCES_SHOWN)
      negative.push(
        ...(await reader.query(
          `SELECT store_id, product_id, on_hand FROM ${relation} WHERE on_hand < 0 ORDER BY 1, 2 LIMIT ${BALANCES_SHOWN}`,
        )),
      )
  }
  const differences: Found[] = negative.map(({ store_id, product_id, on_hand }) => ({
    check: 'ledger',
    kind: 'changed',
    table: 'inventories',
    store: String(store_id),
    id: String(product_id),
    column: 'on hand',
    expected: '0 or more',
    found: String(on_hand),
  }))
  if (truth.ledgerErrors > 0)
    differences.push({
      check: 'ledger',
      kind: 'changed',
      table: 'inventories',
      sentence: `the expected data itself has ${truth.ledgerErrors} balances below zero`,
    })
  if (differences.length === 0 && !sameSums(have, truth.stockRaw))
    differences.push({
      check: 'ledger',
      kind: 'changed',
      table: 'inventories',
      expected: `${truth.stockRaw.rows} closing balances`,
      found: `${have.rows} closing balances`,
      sentence:
        have.rows === truth.stockRaw.rows
          ? 'closing balances, or the times they last changed, differ from the expected ones'
          : `found ${have.rows} closing balances, expected ${truth.stockRaw.rows}`,
    })
  return { compared: Number(truth.stockRaw.rows), differences }
}
