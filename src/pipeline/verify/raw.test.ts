import fc from 'fast-check'
import { expect, test } from 'vitest'
import { openDatabase } from '../../adapters/local/duckdb.ts'
import { duckdbDialect } from '../../adapters/local/duckdb-dialect.ts'
import { SECONDS_PER_DAY } from '../../time.ts'
import { storeRanges } from './balances.ts'
import { dayRanges } from './raw.ts'

test('however many store-days a query covers, every row before the end is in one range', async () => {
  await using database = await openDatabase(':memory:', { threads: 1 })
  const from = 19_723
  const shape = fc.record({
    stores: fc.integer({ min: 1, max: 50 }),
    days: fc.integer({ min: 0, max: 40 }),
    intoDay: fc.integer({ min: 0, max: SECONDS_PER_DAY - 1 }),
    storeDays: fc.integer({ min: 1, max: 400 }),
  })
  await fc.assert(
    fc.asyncProperty(shape, async ({ stores, days, intoDay, storeDays }) => {
      const end = (from + Math.max(0, days - 1)) * SECONDS_PER_DAY + intoDay
      const conditions = dayRanges({ from, stores: { count: stores } }, days, end, duckdbDialect, storeDays)
      const inOne = conditions.map((condition) => `CASE WHEN ${condition} THEN 1 ELSE 0 END`).join(' + ')
      const [{ wrong }] = await database.query(`SELECT count(*)::INTEGER AS wrong FROM (
  SELECT make_timestamp(second * 1000000) AS "timestamp", second FROM range(${(from - 2) * SECONDS_PER_DAY}, ${(from + 42) * SECONDS_PER_DAY}, 3599) AS seconds(second)
  UNION ALL SELECT make_timestamp(day * ${SECONDS_PER_DAY} * 1000000), day * ${SECONDS_PER_DAY} FROM range(${from - 2}, ${from + 42}) AS midnights(day)
) WHERE ${inOne} <> CASE WHEN second < ${end} THEN 1 ELSE 0 END`)
      expect(wrong).toBe(0)
      expect(conditions.length).toBeGreaterThanOrEqual(Math.ceil((days * stores) / Math.max(storeDays, stores)))
    }),
    { numRuns: 100 },
  )
})

test('however many balances a query covers, every store is in one range, and so are rows without a store', async () => {
  await using database = await openDatabase(':memory:', { threads: 1 })
  const shape = fc.record({
    stores: fc.integer({ min: 1, max: 120 }),
    products: fc.integer({ min: 1, max: 50 }),
    balances: fc.integer({ min: 1, max: 2_000 }),
  })
  await fc.assert(
    fc.asyncProperty(shape, async ({ stores, products, balances }) => {
      const world = { ids: { store: 4 }, stores: { count: stores }, products: { count: products } }
      const inOne = storeRanges(world, balances).map((some) => `CASE WHEN ${some} THEN 1 ELSE 0 END`)
      const [{ wrong }] = await database.query(`SELECT count(*)::INTEGER AS wrong FROM (
  SELECT format('S{:04d}', n) AS store_id FROM range(0, 130) AS numbers(n)
  UNION ALL VALUES (NULL), (''), ('Q'), ('Z9'), ('S'), ('S1'), ('S00012')
) WHERE ${inOne.join(' + ')} <> 1`)
      expect(wrong).toBe(0)
      expect(inOne.length).toBe(Math.ceil(stores / Math.max(1, Math.floor(balances / products))))
    }),
    { numRuns: 100 },
  )
})
