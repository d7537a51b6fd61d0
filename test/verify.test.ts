import { copyFileSync, cpSync, renameSync, rmSync, truncateSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { openDatabase } from '../src/adapters/local/duckdb.ts'
import { json, retail, workspace } from './tool.ts'

interface Verified {
  ok: boolean
  checks: { name: string; ok: boolean }[]
  differences: Record<string, string>[]
}
/** What has to be said: the check that turns red, and parts of differences that have to be among those named. */
type Said = readonly [check: string, ...named: Record<string, unknown>[]]

const red = ({ checks }: Verified) => checks.filter(({ ok }) => !ok).map(({ name }) => name)

function expectSaid(found: Verified & { code: number | null }, said: readonly Said[]): void {
  expect(found.code).toBe(6)
  for (const [check, ...named] of said) {
    expect(red(found)).toContain(check)
    for (const difference of named)
      expect(found.differences).toContainEqual(expect.objectContaining({ check, ...difference }))
  }
}

/** What no schema changes is tried in a strict world; in an extended one what only it has. */
describe.each(['strict', 'extended'] as const)('in a %s world verify names', (schema) => {
  const inStrict = <T>(cases: T[]): T[] => (schema === 'strict' ? cases : [])
  const inExtended = <T>(cases: T[]): T[] => (schema === 'extended' ? cases : [])
  let folder = ''
  beforeAll(async () => {
    folder = workspace({ stores: 16, products: 120, lines: 40, to: '2024-02-29', schema }, true)
    for (const line of ['seed-dims', 'backfill', 'transform']) {
      const { code, stderr } = await retail(folder, line)
      expect(code, stderr).toBe(0)
    }
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  const verify = () => json<Verified>(folder, 'verify')
  const at = (file: string) => path.join(folder, file)
  const database = 'retail.duckdb'
  const part = (table: string, block: string) => `lake/${table}/month=2024-01/block-${block}.parquet`

  /** What is done to these files, or folders, is undone when the test is over. */
  function restoring(...files: string[]): void {
    for (const file of files) {
      cpSync(at(file), at(`${file}.sound`), { recursive: true })
      onTestFinished(() => {
        rmSync(at(file), { recursive: true, force: true })
        renameSync(at(`${file}.sound`), at(file))
      })
    }
  }

  /** Rewrites a Parquet file with the result of a query over its rows. */
  async function rewrite(file: string, select: string): Promise<void> {
    restoring(file)
    await using memory = await openDatabase(':memory:')
    const rows = `read_parquet('${at(file)}', hive_partitioning = false)`
    await memory.run(`COPY (${select.replaceAll('$rows', rows)}) TO '${at(`${file}.new`)}' (FORMAT parquet)`)
    renameSync(at(`${file}.new`), at(file))
  }

  test('nothing in a sound one', async () => {
    expect(await verify()).toMatchObject({ code: 0, ok: true, differences: [] })
  })

  const T = 'T240115-0007-000003'
  const NEXT = 'T240115-0007-000004'
  const day = '2024-01-15'
  const store = 'S0007'
  /** A column of the line T, changed. */
  const line = (column: string, value: string, of = T) =>
    `SELECT * REPLACE (CASE transaction_id WHEN '${of}' THEN ${value} ELSE ${column} END AS ${column}) FROM $rows`
  /** What T and the line after it have in a column, exchanged. */
  const swap = (column: string) => {
    const other = (id: string) => `(SELECT ${column} FROM $rows WHERE transaction_id = '${id}')`
    return `SELECT * REPLACE (CASE transaction_id WHEN '${T}' THEN ${other(NEXT)} WHEN '${NEXT}' THEN ${other(T)} ELSE ${column} END AS ${column}) FROM $rows`
  }
  const changed = (column: string, id = T) => ({ kind: 'changed', table: 'transactions', day, store, id, column })
  const lines = inStrict<[string, string, Said]>([
    [
      'a line that is missing',
      `FROM $rows WHERE transaction_id <> '${T}'`,
      ['transactions', { kind: 'missing', day, store, id: T }],
    ],
    [
      'a line that occurs twice',
      `FROM $rows UNION ALL FROM $rows WHERE transaction_id = '${T}'`,
      ['transactions', { kind: 'doubled', day, store, id: T }],
    ],
    [
      'a line that nobody sold',
      `FROM $rows UNION ALL SELECT * REPLACE ('T240115-0007-000999' AS transaction_id) FROM $rows WHERE transaction_id = '${T}'`,
      ['transactions', { kind: 'unexpected', day, store, id: 'T240115-0007-000999' }],
    ],
    ['a quantity', line('quantity', 'quantity + 1'), ['transactions', changed('quantity')]],
    [
      'a price, by a cent',
      line('unit_price', 'CAST(unit_price + 0.01 AS DECIMAL(10,2))'),
      ['transactions', changed('unit_price')],
    ],
    [
      'a time, by a second',
      line('"timestamp"', '"timestamp" + INTERVAL 1 SECOND'),
      ['transactions', changed('timestamp')],
    ],
    [
      'a time, by a microsecond',
      line('"timestamp"', '"timestamp" + INTERVAL 1 MICROSECOND'),
      ['transactions', changed('timestamp')],
    ],
    [
      'two prices that changed places',
      swap('unit_price'),
      ['transactions', changed('unit_price'), changed('unit_price', NEXT)],
    ],
    [
      'two products that changed places',
      swap('product_id'),
      ['transactions', changed('product_id'), changed('product_id', NEXT)],
    ],
    [
      'two ids that changed places',
      swap('transaction_id'),
      ['transactions', changed('product_id'), changed('product_id', NEXT)],
    ],
    [
      'a line that moved to the next day',
      line('"timestamp"', '"timestamp" + INTERVAL 1 DAY'),
      ['transactions', changed('timestamp')],
    ],
    [
      'a line that moved to the next store',
      `SELECT * REPLACE (CASE transaction_id WHEN '${T}' THEN 'T240115-0008-000900' ELSE transaction_id END AS transaction_id, CASE transaction_id WHEN '${T}' THEN 'S0008' ELSE store_id END AS store_id) FROM $rows`,
      [
        'transactions',
        { kind: 'missing', day, store, id: T },
        { kind: 'unexpected', day, store: 'S0008', id: 'T240115-0008-000900' },
      ],
    ],
    ['a store that only the column moved', line('store_id', `'S0008'`), ['transactions', changed('store_id')]],
    [
      'a product that does not exist',
      line('product_id', `'P99999'`),
      ['keys', { table: 'transactions', column: 'product_id', id: 'P99999' }],
    ],
    [
      'a product whose letter is another',
      line('product_id', `replace(product_id, 'P', 'Q')`),
      ['keys', { table: 'transactions', column: 'product_id' }],
    ],
    ['a product that is not there', line('product_id', 'NULL'), ['transactions', changed('product_id')]],
    [
      'a store-day that is gone',
      `FROM $rows WHERE transaction_id NOT LIKE 'T240115-0007-%'`,
      ['transactions', { kind: 'missing', day, store, id: T }],
    ],
  ])
  const linesOfExtended = inExtended<[string, string, Said]>([
    ['a line in another basket', line('basket_id', `'B240115-0007-000900'`), ['transactions', changed('basket_id')]],
    [
      'a basket of another store',
      line('basket_id', `replace(basket_id, '-0007-', '-0008-')`),
      ['transactions', changed('basket_id')],
    ],
  ])
  test.each([...lines, ...linesOfExtended])('of lines: %s', async (_what, select, said) => {
    await rewrite(part('transactions', '003'), select)
    expectSaid(await verify(), [said])
  })

  const I = 'I240115-0007-000003'
  const movement = (column: string, value: string) =>
    `SELECT * REPLACE (CASE inventory_id WHEN '${I}' THEN ${value} ELSE ${column} END AS ${column}) FROM $rows`
  const moved = (column: string) => ({ kind: 'changed', table: 'inventories', day, store, id: I, column })
  const closing = { expected: expect.stringContaining('closing balances') }
  const movements = inStrict<[string, string, Said[]]>([
    [
      'one that is missing, so that stock does not close',
      `FROM $rows WHERE inventory_id <> '${I}'`,
      [
        ['inventories', { kind: 'missing', day, store, id: I }],
        ['ledger', closing],
      ],
    ],
    [
      'one that occurs twice',
      `FROM $rows UNION ALL FROM $rows WHERE inventory_id = '${I}'`,
      [['inventories', { kind: 'doubled', day, store, id: I }], ['ledger']],
    ],
    [
      'one of a unit more',
      movement('quantity_change', 'quantity_change + 1'),
      [
        ['inventories', moved('quantity_change')],
        ['ledger', closing],
      ],
    ],
    [
      'one a second later',
      movement('"timestamp"', '"timestamp" + INTERVAL 1 SECOND'),
      [['inventories', moved('timestamp')]],
    ],
    [
      'one of another product',
      movement('product_id', `CASE product_id WHEN 'P00001' THEN 'P00002' ELSE 'P00001' END`),
      [['inventories', moved('product_id')], ['ledger']],
    ],
    [
      'stock that was never there',
      'FROM $rows WHERE quantity_change < 0',
      [['ledger', { column: 'on hand', expected: '0 or more' }]],
    ],
  ])
  const movementsOfExtended = inExtended<[string, string, Said[]]>([
    [
      'one of another type',
      movement('movement_type', `CASE movement_type WHEN 'shrink' THEN 'sale' ELSE 'shrink' END`),
      [['inventories', moved('movement_type')]],
    ],
    [
      'one with another cause',
      movement('reference_id', `'T240115-0007-000999'`),
      [['inventories', moved('reference_id')]],
    ],
  ])
  test.each([...movements, ...movementsOfExtended])('of movements: %s', async (_what, select, said) => {
    await rewrite(part('inventories', '003'), select)
    expectSaid(await verify(), said)
  })

  test.each(
    inStrict<[string, string, string, Said]>([
      [
        'a price',
        'product',
        `SELECT * REPLACE (CASE product_id WHEN 'P00005' THEN CAST(base_price + 0.01 AS DECIMAL(10,2)) ELSE base_price END AS base_price) FROM $rows`,
        ['dimensions', { kind: 'changed', table: 'product', id: 'P00005', column: 'base_price' }],
      ],
      [
        'a product that is gone',
        'product',
        `FROM $rows WHERE product_id <> 'P00005'`,
        ['dimensions', { kind: 'missing', table: 'product', id: 'P00005' }],
      ],
      [
        'a manager',
        'store',
        `SELECT * REPLACE (CASE store_id WHEN 'S0005' THEN 'Nobody' ELSE manager END AS manager) FROM $rows`,
        ['dimensions', { kind: 'changed', table: 'store', id: 'S0005', column: 'manager', found: 'Nobody' }],
      ],
      [
        'a store that occurs twice',
        'store',
        `FROM $rows UNION ALL FROM $rows WHERE store_id = 'S0005'`,
        ['dimensions', { kind: 'doubled', table: 'store', id: 'S0005' }],
      ],
    ]),
  )('of dimensions: %s', async (_what, table, select, said) => {
    await rewrite(`lake/${table}/${table}.parquet`, select)
    expectSaid(await verify(), [said])
  })

  const cell = `day = '2024-02-03' AND store_id = 'S0002' AND category = 'Clothing'`
  const sold = { day: '2024-02-03', store: 'S0002', id: 'Clothing' }
  const stock = `store_id = 'S0002' AND product_id = (SELECT min(product_id) FROM marts.stock_on_hand WHERE store_id = 'S0002')`
  const onHand = { store: 'S0002' }
  test.each(
    inStrict<[string, string, Said]>([
      [
        'revenue, by a cent',
        `UPDATE marts.daily_sales SET revenue = revenue + 0.01 WHERE ${cell}`,
        ['daily_sales', { kind: 'changed', ...sold }],
      ],
      [
        'units',
        `UPDATE marts.daily_sales SET units = units + 1 WHERE ${cell}`,
        ['daily_sales', { kind: 'changed', ...sold }],
      ],
      [
        'a row that is missing',
        `DELETE FROM marts.daily_sales WHERE ${cell}`,
        ['daily_sales', { kind: 'missing', ...sold }],
      ],
      [
        'a row that occurs twice',
        `INSERT INTO marts.daily_sales SELECT * FROM marts.daily_sales WHERE ${cell}`,
        ['daily_sales', { kind: 'doubled', ...sold }],
      ],
      [
        'stock of a product',
        `UPDATE marts.stock_on_hand SET on_hand = on_hand - 1 WHERE ${stock}`,
        ['stock_on_hand', { kind: 'changed', ...onHand }],
      ],
      [
        'when it last moved',
        `UPDATE marts.stock_on_hand SET last_moved_at = last_moved_at - INTERVAL 1 SECOND WHERE ${stock}`,
        ['stock_on_hand', { kind: 'changed', ...onHand }],
      ],
      [
        'stock that is missing',
        `DELETE FROM marts.stock_on_hand WHERE ${stock}`,
        ['stock_on_hand', { kind: 'missing', ...onHand }],
      ],
      [
        'a month',
        `UPDATE marts.monthly_inventory SET quantity_change = quantity_change + 1 WHERE month = '2024-01-01' AND location = (SELECT min(location) FROM marts.monthly_inventory)`,
        ['monthly_inventory', { kind: 'changed', id: expect.stringContaining('2024-01-01') }],
      ],
      [
        'a model that leaves a line out',
        `CREATE OR REPLACE VIEW marts.mv_retail_transactions AS SELECT sale.*, event_date FROM (SELECT *, CAST("timestamp" AS DATE) AS event_date, quantity * unit_price AS revenue FROM raw.transactions) AS sale WHERE transaction_id <> '${T}'`,
        ['mv_retail_transactions', { kind: 'changed', day, column: 'lines' }],
      ],
    ]),
  )('of marts: %s', async (_what, sql, said) => {
    restoring(database)
    {
      await using marts = await openDatabase(at(database))
      await marts.run(sql)
      await marts.run('CHECKPOINT')
    }
    const found = await verify()
    expectSaid(found, [said])
    expect(red(found)).toEqual([said[0]])
  })

  const [second, third] = [part('transactions', '002'), part('transactions', '003')]
  const movements3 = part('inventories', '003')
  test.each(
    inStrict<[string, string, () => void, Record<string, unknown>]>([
      ['a part that is empty', movements3, () => truncateSync(at(movements3), 0), { kind: 'damaged' }],
      ['a part in place of another', third, () => copyFileSync(at(second), at(third)), { kind: 'damaged' }],
      ['a part in place of its twin', movements3, () => copyFileSync(at(third), at(movements3)), { kind: 'damaged' }],
      ['a part that is gone', third, () => rmSync(at(third)), { kind: 'missing' }],
    ]),
  )('of files: %s', async (_what, file, harm, named) => {
    restoring(file)
    harm()
    expectSaid(await verify(), [['files', { ...named, file: file.slice('lake/'.length) }]])
  })

  test('of a file that somebody rewrote with the same rows: the file, and no row', async () => {
    await rewrite(part('transactions', '003'), 'FROM $rows')
    const found = await verify()
    expectSaid(found, [['files', { kind: 'damaged', file: part('transactions', '003').slice(5) }]])
    expect(red(found)).toEqual(['files'])
  })
})
