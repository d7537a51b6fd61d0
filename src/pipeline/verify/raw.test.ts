import fc from 'fast-check'
import { expect, test } from 'vitest'
import { openDatabase } from '../../adapters/local/duckdb.ts'
import { SECONDS_PER_DAY } from '../../time.ts'
import { dialects } from '../../truth/sql.ts'
import { stretches } from './raw.ts'

test('however many store-days are looked at together, every row before the end is in one stretch', async () => {
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
      const conditions = stretches({ from, stores: { count: stores } }, days, end, dialects.duckdb, storeDays)
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
