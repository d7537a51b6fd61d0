import { existsSync, mkdirSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import type { PanelsResult } from '../src/dashboard/dashboard.ts'
import type { TransformResult } from '../src/pipeline/results.ts'
import { json, retail, start, workspace } from './tool.ts'

const PACKAGE = path.resolve(import.meta.dirname, '../dbt')

/** The metrics of the semantic layer as columns of a SELECT, computed as dbt's manifest defines them. */
async function metricsOf(folder: string): Promise<string> {
  interface Named {
    name: string
  }
  interface Manifest {
    semantic_models: {
      node_relation: { schema_name: string; alias: string }
      measures: (Named & { agg: string; expr: string | null })[]
    }[]
    metrics: (Named & { type: string; type_params: { measure: Named; numerator: Named; denominator: Named } })[]
  }
  const file = path.join(folder, '.retail/dbt/target/semantic_manifest.json')
  const { semantic_models, metrics } = JSON.parse(readFileSync(file, 'utf8')) as Manifest
  const measures = new Map(
    semantic_models.flatMap(({ node_relation: { schema_name, alias }, measures }) =>
      measures.map(({ name, agg, expr }) => [name, `(SELECT ${agg}(${expr ?? name}) FROM ${schema_name}.${alias})`]),
    ),
  )
  const sqlOf = (of: Named): string => {
    const { type, type_params } = metrics.find(({ name }) => name === of.name)!
    if (type === 'simple') return measures.get(type_params.measure.name)!
    return `${sqlOf(type_params.numerator)} / ${sqlOf(type_params.denominator)}`
  }
  return metrics.map((metric) => `${sqlOf(metric)} AS ${metric.name}`).join(', ')
}

test('a project of the user is built, tested and published with ours, and fails without harm', async () => {
  const folder = workspace({ stores: 3, products: 20, lines: 20, to: '2024-01-10' })
  const ok = async (line: string | string[]) => {
    const told = await retail(folder, line)
    expect(told.code, told.stderr).toBe(0)
    return told.stdout
  }
  const write = (name: string, text: string) => {
    const file = path.join(folder, 'dbt', name)
    mkdirSync(path.dirname(file), { recursive: true })
    writeFileSync(file, text)
  }
  const remove = (name: string) => rmSync(path.join(folder, 'dbt', name))
  const ask = async (sql: string) => JSON.parse(await ok(['sql', sql, '--json'])) as Record<string, unknown>[]
  const tables = async () => (await ask('SHOW ALL TABLES')).map(({ schema, name }) => `${schema}.${name}`)
  for (const line of ['init --with dbt --yes --force', 'seed-dims', 'backfill']) await ok(line)

  write('seeds/targets.csv', 'category,target\nBooks,1000\nHome,2000\n')
  write(
    'models/against_target.sql',
    `{{ config(materialized='view') }} select category, target, sum(revenue) as revenue
     from {{ ref('daily_sales') }} join {{ ref('targets') }} using (category) group by all`,
  )
  write(
    'models/by_day.sql',
    `{{ config(materialized='incremental', unique_key='day') }} select day, sum(units) as units from {{ ref('daily_sales') }}
     where {{ retail.in_partitions(retail.changed_periods(), 'day') }} group by day`,
  )
  write(
    'models/by_day.yml',
    `models: [{ name: by_day, columns: [{ name: day, data_tests: [not_null, retail.unique_recently: { config: { enabled: false } }] }],
      data_tests: [retail.unique_together: { arguments: { columns: [day] } }] }]`,
  )
  write(
    'snapshots/prices.yml',
    `snapshots: [{ name: prices, relation: ref('stg_product'), config: { strategy: check, unique_key: product_id, check_cols: [base_price] } }]`,
  )
  const first = await json<TransformResult>(folder, 'transform')
  expect(first).toMatchObject({ code: 0, published: true, failed: [], failures: [], models: 18 })
  expect(await tables()).toEqual(
    expect.arrayContaining([
      ...['marts.against_target', 'marts.by_day', 'marts.sales_by_store_size', 'marts.daily_sales'],
      ...['snapshots.prices', 'staging.targets'],
    ]),
  )
  expect(await ask('SELECT count(*) AS n FROM against_target')).toEqual([{ n: 2 }])
  expect(realpathSync(path.join(folder, 'dbt/dbt_packages/retail'))).toBe(realpathSync(PACKAGE))
  expect(await json(folder, 'transform')).toMatchObject({ unchanged: true })

  const { own } = await json<PanelsResult>(folder, 'dashboard')
  expect(own).toEqual([
    {
      own: 'sales_by_store_size',
      data: expect.objectContaining({
        columns: ['store_size', 'revenue'],
        rows: (await ask('SELECT store_size, revenue FROM sales_by_store_size ORDER BY revenue DESC')).map(
          Object.values,
        ),
      }),
    },
  ])

  const published = readFileSync(path.join(folder, 'retail.duckdb'))
  write('models/broken.sql', `select missing_column from {{ ref('daily_sales') }}`)
  const broken = await json<TransformResult>(folder, 'transform')
  expect(broken).toMatchObject({
    ...{ code: 1, published: false, failed: ['broken'] },
    failures: [{ file: 'dbt/models/broken.sql', message: expect.stringContaining('missing_column') }],
  })
  expect(readFileSync(path.join(folder, 'retail.duckdb')).equals(published)).toBe(true)

  write('models/broken.sql', `{{ config(meta={'dashboard': {'type': 'pie'}}) }} select 1 as one`)
  const pie = await retail(folder, 'transform -q')
  expect([pie.code, pie.stderr]).toEqual([2, expect.stringContaining('model broken is not valid: type must be number')])
  expect(readFileSync(path.join(folder, 'retail.duckdb')).equals(published)).toBe(true)
  remove('models/broken.sql')
  remove('models/against_target.sql')
  await ok('stream --speed max --until 2024-01-11T06:00:00Z')
  expect(await json<TransformResult>(folder, 'transform')).toMatchObject({ code: 0, published: true, models: 17 })
  expect(await tables()).not.toContain('marts.against_target')
  expect(await tables()).toContain('snapshots.prices')
  expect(
    await ask(
      'SELECT count(*) AS n FROM (SELECT day, units FROM by_day EXCEPT SELECT day, sum(units) FROM daily_sales GROUP BY 1)',
    ),
  ).toEqual([{ n: 0 }])
  expect((await ask(`SELECT ${await metricsOf(folder)}`))[0]).toEqual(
    (
      await ask(`SELECT sum(quantity * unit_price) AS revenue, sum(quantity) AS units, count(*) AS sale_lines,
        sum(quantity * unit_price) / count(*) AS average_line, sum(quantity * unit_price) / sum(quantity) AS average_price,
        (SELECT sum(quantity_change) FROM inventories) AS on_hand, stock.* FROM transactions,
        (SELECT count(*) AS stocked_items, count(*) FILTER (n <= 0) AS out_of_stock, count(*) FILTER (n <= 0) / count(*) AS stock_out_rate
         FROM (SELECT sum(quantity_change) AS n FROM inventories GROUP BY store_id, product_id)) AS stock GROUP BY ALL`)
    )[0],
  )
  expect(await json(folder, 'verify')).toMatchObject({ code: 0, ok: true })

  // dbt by hand: its words, its output, its exit code, and nothing published.
  const byHand = (...words: string[]) => start(folder, ['dbt', '--', ...words]).ended
  const before = readFileSync(path.join(folder, 'retail.duckdb'))
  const listed = await byHand('ls', '--quiet', '--resource-type', 'model', '--output', 'name')
  expect(listed.stdout.trim().split('\n'), listed.stderr).toEqual(
    expect.arrayContaining(['by_day', 'daily_sales', 'sales_by_store_size']),
  )
  write('models/new_one.sql', 'select 1 as one')
  const ran = await byHand('run', '--quiet', '--select', 'new_one', 'daily_sales', '--full-refresh')
  expect(ran, ran.stderr + ran.stdout).toMatchObject({ code: 0 })
  expect(readFileSync(path.join(folder, 'retail.duckdb')).equals(before)).toBe(true)
  expect(await byHand('run', '--nonsense')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('No such option'),
  })
  remove('models/new_one.sql')
  expect(await json(folder, 'transform')).toMatchObject({ unchanged: true })
  expect(readdirSync(PACKAGE)).not.toContain('target')
  expect(existsSync(path.join(folder, 'dbt/target'))).toBe(false)
})
