import { expect, test } from 'vitest'
import { openDatabase } from '../adapters/local/duckdb.ts'
import { score } from './score.ts'
import { SCORECARD } from './scorecard.ts'

/** The reference's generator: everything uniform, whole dollars, stock that only falls. */
const UNIFORM = `
CREATE SCHEMA raw;
CREATE TABLE raw.product AS SELECT 'P' || lpad(i::VARCHAR, 5, '0') AS product_id, ['Electronics', 'Clothing', 'Home', 'Books', 'Sports'][1 + i % 5] AS category,
  (10 + hash(i, 'price') % 990)::DECIMAL(10,2) AS base_price FROM range(1, 2001) AS t(i);
CREATE TABLE raw.store AS SELECT 'S' || lpad(i::VARCHAR, 4, '0') AS store_id, ['New York, NY', 'Chicago, IL', 'Denver, CO', 'Seattle, WA'][1 + i % 4] AS location FROM range(1, 51) AS t(i);
CREATE TABLE raw.transactions AS SELECT 'T' || i AS transaction_id, 'P' || lpad((1 + hash(i, 'p') % 2000)::VARCHAR, 5, '0') AS product_id,
  TIMESTAMP '2023-01-01' + to_seconds((hash(i, 't') % 63072000)::BIGINT) AS "timestamp", (1 + hash(i, 'q') % 99)::INT AS quantity,
  0::DECIMAL(10,2) AS unit_price, 'S' || lpad((1 + hash(i, 's') % 50)::VARCHAR, 4, '0') AS store_id FROM range(600000) AS t(i);
UPDATE raw.transactions SET unit_price = base_price FROM raw.product WHERE product.product_id = transactions.product_id;
CREATE TABLE raw.inventories AS SELECT 'I' || substr(transaction_id, 2) AS inventory_id, product_id, "timestamp", -quantity AS quantity_change, store_id FROM raw.transactions`

test('the card can fail: a dice roller passes at most two of twenty', async () => {
  await using database = await openDatabase(':memory:')
  for (const statement of UNIFORM.split(';')) await database.run(statement)
  const { sample, items } = await score(database)
  expect(sample).toMatchObject({ every: 1, lines: 600_000, stores: 50 })
  expect(items.filter(({ verdict }) => verdict === 'not judged')).toEqual([])
  const passed = items.filter(({ verdict }) => verdict === 'pass').map(({ item }) => item)
  expect(passed.length, `passes ${passed}`).toBeLessThanOrEqual(2)
  expect(items[19]).toMatchObject({ verdict: 'fail' })
})

test('twenty items, numbered, each with a source and a range that something lies outside of', () => {
  expect(SCORECARD.map(({ number }) => number)).toEqual(Array.from({ length: 20 }, (_, i) => i + 1))
  for (const { source, measures } of SCORECARD) {
    expect(source).not.toBe('')
    for (const { low, high } of measures) expect(low).toBeLessThanOrEqual(high)
  }
})
