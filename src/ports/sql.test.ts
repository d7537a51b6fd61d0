import { expect, test } from 'vitest'
import { bigqueryDialect } from '../adapters/gcp/bigquery-dialect.ts'
import { duckdbDialect } from '../adapters/local/duckdb-dialect.ts'
import { bound, compileStatement, joined, mart, sql } from './index.ts'

const place = sql` and state = ${bound('state')}`
const stores = sql`select ${1} as n from ${mart('dim_store')} where size > ${bound('size')}${place}`
const parameters = { size: 3, state: 'TX', month: 7 }
const cloud = bigqueryDialect('a-shop', { raw: 'shop_raw', staging: 'shop_staging', marts: 'shop_marts' })

test.each([
  ['DuckDB', duckdbDialect, 'select 1 as n from marts.dim_store where size > $size and state = $state'],
  ['BigQuery', cloud, 'select 1 as n from `a-shop.shop_marts.dim_store` where size > @size and state = @state'],
])('%s gets its own names, and the values of the parameters that are named', (_, dialect, text) => {
  expect(compileStatement({ sql: stores, parameters }, dialect)).toEqual({ text, values: { size: 3, state: 'TX' } })
  const both = joined([stores, sql`select 2`], '\nunion all\n')
  expect(compileStatement({ sql: both, parameters }, dialect).text).toBe(`${text}\nunion all\nselect 2`)
})
