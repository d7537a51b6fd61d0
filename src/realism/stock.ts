import { atMost, between, exactly, type Item, needsDays } from './item.ts'
import { someStores } from './sample.ts'

const section = 'Stock and forecasts'

/** Lines that are compared with their movements. */
const COMPARED_LINES = 1_000_000

/** Time after the last movement of a pair, as long as other stores still move the product: what is gone is not empty. */
const TAILS = `products AS (SELECT product, max(last_second) AS product_end FROM ledger GROUP BY 1),
tails AS (SELECT ledger.*, CAST(product_end - last_second AS BIGINT) AS tail FROM ledger JOIN products USING (product))`

const ASKS_MODEL = () => 'needs a forecasting library, which no query replaces'

export const STOCK: readonly Item[] = [
  {
    id: 40,
    section,
    about: 'carried products out of stock',
    definition:
      'share of time, after 30 days, that a pair of store and product has balance 0: from its first movement to the last one of the product in any store',
    source: 'Gruen, Corsten, and Bharadwaj 2002: .083 (fast-moving goods)',
    sure: 'published',
    measures: [between('share', 0.05, 0.1)],
    cannot: needsDays(150),
    tables: ['ledger'],
    sql: () => `
WITH ${TAILS}
SELECT sum(empty_seconds + CASE WHEN last_balance <= 0 THEN tail ELSE 0 END) / sum(settled_seconds + tail) AS share FROM tails`,
  },
  {
    id: 41,
    section,
    about: 'deliveries that find an empty shelf',
    definition:
      'share of receipts, after 90 days, before which the balance is 0; without movement_type, what comes in before 8:00 or after 22:00',
    source: 'cycle service of .85–.98 in textbooks',
    sure: 'recalled',
    measures: [atMost('share', 0.15)],
    cannot: needsDays(150),
    tables: ['ledger'],
    support: [{ column: 'receipts', least: 500, of: 'deliveries' }],
    sql: () => 'SELECT sum(empty_receipts) / nullif(sum(receipts), 0) AS share, sum(receipts) AS receipts FROM ledger',
  },
  {
    id: 42,
    section,
    about: 'turns of stock a year',
    definition: 'units sold a year over the mean units on hand',
    source: 'US Census: 9 for all retail, 4.8 for department stores',
    sure: 'published',
    measures: [between('turns', 3, 8)],
    cannot: needsDays(60),
    tables: ['store_days', 'ledger'],
    sql: () => `
WITH ${TAILS},
sold AS (SELECT sum(units) AS units FROM store_days)
SELECT any_value(units) * 31557600 / nullif(sum(unit_seconds + greatest(last_balance, 0) * tail), 0) AS turns FROM tails, sold`,
  },
  {
    id: 43,
    section,
    about: 'shrink, of units sold',
    definition: '(units that leave the stock − units sold) / units sold',
    source: 'NRF surveys 2016–22',
    sure: 'published',
    measures: [between('share', 0.013, 0.016)],
    cannot: needsDays(30),
    tables: ['store_days', 'ledger'],
    sql: () => `
SELECT (SELECT sum(gone) FROM ledger) / sum(units) - 1 AS share,
  sqrt(greatest((SELECT sum(gone) FROM ledger) - sum(units), 0)) / sum(units) AS "share error" FROM store_days`,
  },
  {
    id: 44,
    section,
    about: 'returns, of units sold',
    definition:
      'units returned to the stock / units sold; without movement_type, what comes in from 8:00 to 22:00 after the first movement',
    source: 'NRF: in store .087 (weak), all channels .106 (2020), .166 (2021)',
    sure: 'published',
    measures: [between('share', 0.05, 0.1)],
    cannot: needsDays(60),
    tables: ['store_days', 'ledger'],
    sql: () => 'SELECT (SELECT sum(returned) FROM ledger) / sum(units) AS share FROM store_days',
  },
  {
    id: 49,
    section,
    about: 'a learned forecast over last week',
    definition: 'wRMSSE by store of LightGBM over that of the same weekday of last week, − 1; 28 days ahead',
    source: 'M5: .847 → .520, all levels',
    sure: 'published',
    measures: [between('change', -0.4, -0.2)],
    cannot: ASKS_MODEL,
  },
  {
    id: 50,
    section,
    about: 'a learned forecast over the mean of eight weeks',
    definition: 'wRMSSE by store of LightGBM over that of the mean of the last 8 same weekdays, − 1; 28 days ahead',
    source: 'M5, stores: .580 → .400 (exponential smoothing, not this mean)',
    sure: 'published',
    measures: [between('change', -0.35, -0.15)],
    cannot: ASKS_MODEL,
  },
  {
    id: 52,
    section,
    about: 'balances below zero',
    definition: 'share of movements after which the balance is negative',
    source: 'arithmetic',
    sure: 'arithmetic',
    measures: [exactly('share', 0)],
    tables: ['ledger'],
    sql: () => 'SELECT sum(negative) / sum(movements) AS share FROM ledger',
  },
  {
    id: 108,
    section,
    about: 'units sold without a movement',
    definition:
      'units sold beyond those that leave the stock of the same store and product in the same second; in some of the stores if there are many lines',
    source: 'arithmetic',
    sure: 'arithmetic',
    measures: [exactly('units', 0)],
    sql: (sample) => `
WITH sides AS (SELECT store, product, second, units AS sold, 0 AS taken FROM (${sample.sales}) WHERE ${someStores(sample, COMPARED_LINES)}
  UNION ALL SELECT store, product, second, 0, -change FROM (${sample.movements}) WHERE change < 0 AND ${someStores(sample, COMPARED_LINES)}),
moments AS (SELECT sum(sold) AS sold, sum(taken) AS taken FROM sides GROUP BY store, product, second)
SELECT coalesce(sum(greatest(sold - taken, 0)), 0) AS units FROM moments`,
  },
]
