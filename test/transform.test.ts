import fs from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest'
import { formatDay, parseDay, parseSecond } from '../src/time.ts'
import { pythonHome } from './python-home.ts'
import { deliver, FIRST_DAY, inFile, lines, rawTables, smallWarehouse } from './small-warehouse.ts'

type Small = Awaited<ReturnType<typeof smallWarehouse>>
const DAYS = 30 // 20 January to 18 February: two months
const MARTS = [
  'daily_sales',
  'stock_on_hand',
  'monthly_inventory',
  'monthly_sales',
  'monthly_product_sales',
  'monthly_stock',
  'stock_levels',
  'dim_store',
  'dim_product',
  'mv_retail_transactions',
]

beforeAll(() => vi.stubEnv('RETAIL_PYTHON_HOME', pythonHome))
afterAll(() => vi.unstubAllEnvs())

async function built(schema: 'strict' | 'extended' = 'strict'): Promise<Small> {
  const small = await smallWarehouse(schema)
  await small.change(...rawTables(DAYS, schema))
  return small
}

/** A sum over every row and column, in no order. */
const marts = async (small: Small) =>
  Promise.all(
    MARTS.map((name) =>
      small.query(`SELECT '${name}' AS mart, count(*) AS n, sum(hash(t)) AS sum FROM marts.${name} t`),
    ),
  )

describe('a warehouse that grows', () => {
  let small: Small
  beforeAll(async () => {
    small = await built()
  })
  afterAll(() => small.remove())

  test('is built, tested and published whole', async () => {
    const steps: string[] = []
    const before = packageFiles()
    const result = await small.transform({ onStep: (step) => steps.push(step) })
    expect(result).toMatchObject({ models: 15, failed: [], warned: [], published: true })
    expect(result.tests).toBeGreaterThan(25)
    expect(result.cut).toEqual({ history: '2024-03-01T00:00:00Z', live: '2024-03-01T00:01:00Z' })
    expect(steps.at(-1)).toBe('publishing')
    expect((await small.workspace.runs()).transform).toMatchObject({
      command: 'transform',
      result: { published: true },
    })
    expect(fs.readFileSync(path.join(small.workspace.folder, 'logs', 'transform-1.log'), 'utf8')).toContain('PASS=')
    expect(packageFiles(), 'nothing is written into the package').toEqual(before)
    const [sold] = await small.query(
      'SELECT sum(revenue) AS revenue, sum(units) AS units, sum(lines) AS lines FROM marts.daily_sales',
    )
    expect(sold).toEqual(
      (
        await small.query(
          'SELECT sum(quantity * unit_price) AS revenue, sum(quantity) AS units, count(*) AS lines FROM raw.transactions',
        )
      )[0],
    )
  })

  test('every column of every model is described, and no other', async () => {
    const described = describedColumns(small)
    const there = await small.query(`SELECT table_schema || '.' || table_name || '.' || column_name AS name
      FROM information_schema.columns WHERE table_schema IN ('staging', 'marts') ORDER BY 1`)
    expect(described).toEqual(there.map(({ name }) => name))
  })

  test('answers under another name, and attached to another session', async () => {
    const other = path.join(small.folder, 'other.duckdb')
    fs.copyFileSync(small.database, other)
    const views = [
      'staging.stg_store',
      'staging.stg_transactions',
      'staging.stg_inventories',
      'marts.mv_retail_transactions',
    ]
    for (const view of views) {
      const [here] = await small.query(`SELECT count(*) AS n FROM ${view}`, other)
      expect(Number(here.n), view).toBeGreaterThan(0)
      expect(
        await inFile(':memory:', false, [`ATTACH '${other}' AS o (READ_ONLY)`, `SELECT count(*) AS n FROM o.${view}`]),
      ).toEqual([here])
      expect(
        await inFile(':memory:', false, [`ATTACH '${other}' AS o (READ_ONLY)`, `SELECT * FROM o.${view} LIMIT 1`]),
      ).toHaveLength(1)
    }
  })

  test('takes a new day and a late line, leaves the other days alone, and ends where a full refresh ends', async () => {
    // A cent moved within an unchanged day and category: no sum changes, and it stays exactly if the day is not rewritten.
    const day = `day = DATE '2024-01-25' AND category = 'Books'`
    const inDay = `SELECT store_id, CAST(revenue AS VARCHAR) AS revenue FROM marts.daily_sales WHERE ${day} ORDER BY store_id`
    const moved = await small.change(
      `UPDATE marts.daily_sales SET revenue = revenue + 0.01 WHERE ${day} AND store_id = (SELECT min(store_id) FROM marts.daily_sales WHERE ${day})`,
      `UPDATE marts.daily_sales SET revenue = revenue - 0.01 WHERE ${day} AND store_id = (SELECT max(store_id) FROM marts.daily_sales WHERE ${day})`,
      inDay,
    )
    const late = `SELECT 'T-late' AS transaction_id, 'P00003' AS product_id, TIMESTAMP '${FIRST_DAY} 23:59:59' AS "timestamp",
      CAST(2 AS INTEGER) AS quantity, CAST(7.99 AS DECIMAL(10,2)) AS unit_price, 'S0004' AS store_id`
    await small.change(...deliver(lines(DAYS, DAYS + 1)), ...deliver(late))
    small.changed([FIRST_DAY, dayAfter(DAYS)])

    expect(await small.transform()).toMatchObject({ failed: [], published: true })
    expect(await small.query(inDay)).toEqual(moved)
    await small.change(
      `UPDATE marts.daily_sales SET revenue = revenue - 0.01 WHERE ${day} AND store_id = (SELECT min(store_id) FROM marts.daily_sales WHERE ${day})`,
      `UPDATE marts.daily_sales SET revenue = revenue + 0.01 WHERE ${day} AND store_id = (SELECT max(store_id) FROM marts.daily_sales WHERE ${day})`,
    )
    // One of its days again, so that its month adds up the cents where they belong.
    small.changed([FIRST_DAY])
    await small.transform()
    const step = await marts(small)
    expect(await small.query(`SELECT sum(lines) AS n FROM marts.daily_sales WHERE day = DATE '${FIRST_DAY}'`)).toEqual([
      { n: '201' },
    ])

    expect(await small.transform({ fullRefresh: true })).toMatchObject({ failed: [], published: true })
    expect(await marts(small)).toEqual(step)
  })

  test('adds the rows of a new day once, and a test finds those that are added again', async () => {
    small.changed([dayAfter(DAYS + 1)], parseSecond(`${dayAfter(DAYS + 1)}T00:00:00Z`))
    await small.change(...deliver(lines(DAYS + 1, DAYS + 2)))
    expect(await small.transform()).toMatchObject({ failed: [], published: true })
    const step = await marts(small)
    expect(await small.transform({ fullRefresh: true })).toMatchObject({ failed: [], published: true })
    expect(await marts(small)).toEqual(step)

    expect(await small.transform()).toMatchObject({
      failed: expect.arrayContaining(['inventory_adds_up', 'monthly_product_sales_adds_up']),
      published: false,
    })
    await small.transform({ fullRefresh: true })
  })

  test('tests the days that changed, and all of them when asked to', async () => {
    await small.change(`UPDATE raw.transactions SET quantity = 0 WHERE transaction_id = 'T-77'`)
    small.changed([])
    expect(await small.transform()).toMatchObject({ failed: [] })
    const { failed } = await small.transform({ fullTests: true })
    expect(failed).toEqual(['at_least_stg_transactions_quantity__1'])
  })
})

/** `2024-02-19` */
const dayAfter = (days: number): string => formatDay(parseDay(FIRST_DAY)! + days)

describe('nothing is published', () => {
  test('when stock is negative, unless failures are allowed', async () => {
    const small = await built()
    onTestFinished(small.remove)
    await small.change(`INSERT INTO raw.inventories VALUES ('I-bad', 'P00001', TIMESTAMP '2024-02-01', -5000, 'S0001')`)
    const failed = ['at_least_stock_on_hand_on_hand__0']
    expect(await small.transform()).toMatchObject({ failed, published: false, cut: undefined })
    expect(fs.existsSync(small.database)).toBe(false)
    expect(await small.transform({ allowFailures: true })).toMatchObject({ failed, published: true })
  })

  test('when a line has a product or a store that is not known', async () => {
    const small = await built()
    onTestFinished(small.remove)
    await small.change(
      `INSERT INTO raw.transactions VALUES ('T-bad', 'P99999', TIMESTAMP '2024-02-01', 1, 1.00, 'S9999')`,
    )
    const { failed, published } = await small.transform()
    expect(published).toBe(false)
    expect(failed).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^resolves_stg_transactions_product_id/),
        expect.stringMatching(/^resolves_stg_transactions_store_id/),
      ]),
    )
  })

  test('when dbt cannot begin: the error names what it said and the log', async () => {
    const small = await built()
    onTestFinished(small.remove)
    await expect(small.transform({ dbtArgs: ['--frobnicate'] })).rejects.toMatchObject({
      code: 'tool_failed',
      why: expect.stringContaining('No such option'),
      hint: expect.stringContaining('transform-1.log'),
    })
    expect((await small.workspace.runs()).transform).toMatchObject({ error: { code: 'tool_failed' } })
  })

  test('when it is stopped halfway', async () => {
    const small = await built()
    onTestFinished(small.remove)
    const stop = new AbortController()
    const onOutput = (line: string) => line.includes('START') && stop.abort('SIGTERM')
    await expect(small.transform({ signal: stop.signal, onOutput })).rejects.toMatchObject({ code: 'stopped' })
    expect(fs.existsSync(small.database)).toBe(false)
    expect(await small.transform()).toMatchObject({ failed: [], published: true })
  })
})

test('dbt parses the project once for all workspaces', async () => {
  for (const round of ['parses, unless another has', 'reads what was parsed']) {
    const small = await built()
    onTestFinished(small.remove)
    await small.transform({ select: ['time_spine'] })
    const log = fs.readFileSync(path.join(small.workspace.folder, 'logs', 'transform-1.log'), 'utf8')
    expect(log, round).toContain('PASS=1')
    if (round === 'reads what was parsed') expect(log).not.toContain('Unable to do partial parsing')
  }
})

test('an extended world carries its columns to the marts', async () => {
  const small = await built('extended')
  onTestFinished(small.remove)
  // Sales have a type of their own; the fixture calls every movement an opening.
  await small.change(`UPDATE raw.inventories SET movement_type = 'sale' WHERE quantity_change < 0`)
  expect(await small.transform()).toMatchObject({ failed: [], published: true })
  expect(await small.query('SELECT count(DISTINCT basket_id) AS n FROM marts.mv_retail_transactions')).toEqual([
    { n: '6000' },
  ])
  expect(await small.query('SELECT DISTINCT movement_type AS type FROM staging.stg_inventories ORDER BY 1')).toEqual([
    { type: 'opening' },
    { type: 'sale' },
  ])
  expect(await small.query('SELECT count(DISTINCT customer_id) AS n FROM marts.mv_retail_transactions')).toEqual([
    { n: '3' },
  ])
  await small.change(`UPDATE raw.inventories SET movement_type = 'theft' WHERE inventory_id = 'IT-7'`)
  const { failed } = await small.transform()
  expect(failed).toEqual([expect.stringMatching(/^accepted_values_stg_inventories_movement_type/)])
})

function describedColumns(small: Small): string[] {
  interface Node {
    resource_type: string
    schema: string
    name: string
    description: string
    columns: Record<string, { name: string; description: string }>
  }
  const manifest = path.join(small.workspace.folder, 'dbt', 'target', 'manifest.json')
  const nodes = Object.values(JSON.parse(fs.readFileSync(manifest, 'utf8')).nodes as Record<string, Node>)
  return nodes
    .filter(({ resource_type, description }) => resource_type === 'model' && description !== '')
    .flatMap(({ schema, name, columns }) =>
      Object.values(columns)
        .filter(({ description }) => description !== '' && !description.includes('schema: extended'))
        .map((column) => `${schema}.${name}.${column.name}`),
    )
    .sort()
}

const packageFiles = () => fs.readdirSync('dbt', { recursive: true }).sort()
