import { expect, test } from 'vitest'
import { openDatabase } from '../adapters/local/duckdb.ts'
import { score } from './score.ts'
import { SCORECARD } from './scorecard.ts'

/** The reference's generator: everything uniform, whole dollars, stock that only falls. */
const UNIFORM = `
CREATE SCHEMA raw;
CREATE TABLE raw.product AS SELECT 'P' || lpad(i::VARCHAR, 5, '0') AS product_id, ['Electronics', 'Clothing', 'Home', 'Books', 'Sports'][1 + i % 5] AS category,
  'Brand' || i || ' ' || CASE i % 5 WHEN 0 THEN ['Keyboard', 'Mouse'][1 + i // 5 % 2] WHEN 1 THEN ['Coat', 'Gloves', 'Scarf', 'Shorts'][1 + i // 5 % 4] ELSE ['Lamp', 'Vase'][1 + i // 5 % 2] END AS name,
  (10 + hash(i, 'price') % 990)::DECIMAL(10,2) AS base_price FROM range(1, 2001) AS t(i);
CREATE TABLE raw.store AS SELECT 'S' || lpad(i::VARCHAR, 4, '0') AS store_id, 1000 AS size,
  ['New York, NY', 'Chicago, IL', 'Phoenix, AZ', 'Seattle, WA'][1 + i % 4] AS location FROM range(1, 51) AS t(i);
CREATE TABLE raw.transactions AS SELECT 'T' || i AS transaction_id, 'P' || lpad((1 + hash(i, 'p') % 2000)::VARCHAR, 5, '0') AS product_id,
  TIMESTAMP '2023-01-01' + to_seconds((hash(i, 't') % 63072000)::BIGINT) AS "timestamp", (1 + hash(i, 'q') % 99)::INT AS quantity,
  (1 + hash(i, 'paid') % 1000)::DECIMAL(10,2) AS unit_price, 'S' || lpad((1 + hash(i, 's') % 50)::VARCHAR, 4, '0') AS store_id FROM range(600000) AS t(i);
CREATE TABLE raw.inventories AS SELECT 'I' || substr(transaction_id, 2) AS inventory_id, product_id, "timestamp", -quantity AS quantity_change, store_id FROM raw.transactions`

test('the card can fail: a dice roller passes at most two of 44 items', async () => {
  await using database = await openDatabase(':memory:')
  for (const statement of UNIFORM.split(';')) await database.run(statement)
  const { sample, items } = await score(database)
  expect(sample).toMatchObject({ every: 1, lines: 600_000, stores: 50 })
  const ids = (verdict: string) => items.filter((item) => item.verdict === verdict).map(({ id }) => id)
  expect(ids('pass').length, `passes ${ids('pass')}`).toBeLessThanOrEqual(2)
  expect(ids('not judged').sort((a, b) => a - b)).toEqual([18, 37, 41, 49, 50])
  expect(ids('fail')).toEqual([52])
})

test('36 items of the reference and 8 of ours, each with a definition, a source, and a range', () => {
  const ids = SCORECARD.map(({ id }) => id)
  expect(new Set(ids).size).toBe(ids.length)
  expect(ids.filter((id) => id <= 52)).toHaveLength(36)
  expect(ids.filter((id) => id > 100).sort((a, b) => a - b)).toEqual([101, 102, 103, 104, 105, 106, 107, 108])
  for (const { definition, source, measures, sql, cannot } of SCORECARD) {
    expect([definition, source]).not.toContain('')
    expect(sql ?? cannot).toBeDefined()
    for (const { low, high } of measures) expect(low ?? high).not.toBeNull()
  }
})
