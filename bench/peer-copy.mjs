import { rmSync } from 'node:fs'
import { lines, movements } from './stateless.mjs'
import { openDuckdb } from './tool.mjs'

/** Writes both tables by `COPY`, on all cores. Arguments: rows of each table, stores, products, lines per store and day; format, if not Parquet. */
const [transactions, inventories, stores, products, dense] = process.argv.slice(2, 7).map(Number)
const ending = process.argv[7] ?? 'parquet'
const database = await openDuckdb()
const copy = (select, file) => {
  rmSync(file, { force: true })
  return database.run(`COPY (${select}) TO '${file}' (FORMAT ${ending === 'ndjson' ? 'json' : ending})`)
}
await copy(lines(0, transactions, stores, products, dense), `transactions.${ending}`)
await copy(movements(0, inventories, stores, products, dense), `inventories.${ending}`)
database.close()
