import { PGlite } from '@electric-sql/pglite'
import { integer, numeric, pgTable, text, timestamp } from 'drizzle-orm/pg-core'
import { drizzle } from 'drizzle-orm/pglite'
import { seed } from 'drizzle-seed'

/** Seeds a table of the six columns of transactions, in PGlite. Argument: rows. */
const rows = Number(process.argv[2])
const transactions = pgTable('transactions', {
  transaction_id: text().primaryKey(),
  product_id: text(),
  timestamp: timestamp(),
  quantity: integer(),
  unit_price: numeric({ precision: 10, scale: 2 }),
  store_id: text(),
})
const client = new PGlite()
await client.exec(`CREATE TABLE transactions (transaction_id text PRIMARY KEY, product_id text, "timestamp" timestamp,
  quantity int, unit_price numeric(10, 2), store_id text)`)
const codes = (letter, width, n) =>
  Array.from({ length: n }, (_, i) => `${letter}${String(i + 1).padStart(width, '0')}`)
await seed(drizzle(client), { transactions }, { count: rows, seed: 42 }).refine((f) => ({
  transactions: {
    columns: {
      transaction_id: f.string({ isUnique: true }),
      product_id: f.valuesFromArray({ values: codes('P', 5, 2000) }),
      timestamp: f.timestamp(),
      quantity: f.int({ minValue: 1, maxValue: 3 }),
      unit_price: f.number({ minValue: 0.99, maxValue: 200, precision: 100 }),
      store_id: f.valuesFromArray({ values: codes('S', 4, 1000) }),
    },
  },
}))
const counted = await client.query('SELECT count(*)::int AS rows FROM transactions')
console.log(JSON.stringify(counted.rows[0]))
