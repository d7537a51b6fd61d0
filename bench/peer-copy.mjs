import { readdirSync, rmSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { lines, movements } from './stateless.mjs'
import { openDuckdb } from './tool.mjs'

/**
 * Writes both tables by `COPY`, one statement per core and table side by side: one `range()` feeds one core. Arguments:
 * rows of each table, stores, products, lines per store and day; format, if not Parquet.
 */
const [transactions, inventories, stores, products, dense] = process.argv.slice(2, 7).map(Number)
const ending = process.argv[7] ?? 'parquet'
const cores = availableParallelism()
const database = await openDuckdb()

for (const [name, select, rows] of [
  ['transactions', lines, transactions],
  ['inventories', movements, inventories],
]) {
  for (const old of readdirSync('.').filter((file) => file.startsWith(`${name}-`))) rmSync(old)
  const begins = Array.from({ length: cores + 1 }, (_, i) => Math.round((rows * i) / cores))
  await database.sideBySide(
    Array.from({ length: cores }, (_, i) => {
      const rows = select(begins[i], begins[i + 1], stores, products, dense)
      return `COPY (${rows}) TO '${name}-${i}.${ending}' (FORMAT ${ending === 'ndjson' ? 'json' : ending})`
    }),
  )
}
database.close()
