import { rmSync } from 'node:fs'
import { lines, movements } from './stateless.mjs'
import { openDuckdb } from './tool.mjs'

/** Writes both tables as Parquet by `COPY`, on all cores. Arguments: rows of each, stores, products, lines of a store and day. */
const [transactions, inventories, stores, products, dense] = process.argv.slice(2).map(Number)
const database = await openDuckdb()
const copy = (select, file) => {
  rmSync(file, { force: true })
  return database.run(`COPY (${select}) TO '${file}' (FORMAT parquet)`)
}
await copy(lines(0, transactions, stores, products, dense), 'transactions.parquet')
await copy(movements(0, inventories, stores, products, dense), 'inventories.parquet')
database.close()
