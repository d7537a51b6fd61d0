import { rmSync } from 'node:fs'
import { lines, movements } from './stateless.mjs'
import { openDuckdb } from './tool.mjs'

/** Inserts the same batches into tables of one DuckDB file, in one durable transaction each. Arguments: events, batches, stores, products. */
const [events, batches, stores, products] = process.argv.slice(2).map(Number)
for (const file of ['peer.duckdb', 'peer.duckdb.wal']) rmSync(file, { force: true })
const database = await openDuckdb('peer.duckdb')
await database.run(`CREATE TABLE transactions AS ${lines(0, 0, stores, products)}`)
await database.run(`CREATE TABLE inventories AS ${movements(0, 0, stores, products)}`)
const half = Math.round(events / batches / 2)
const start = performance.now()
for (let batch = 0; batch < batches; batch++) {
  await database.run('BEGIN')
  await database.run(`INSERT INTO transactions ${lines(batch * half, (batch + 1) * half, stores, products)}`)
  await database.run(`INSERT INTO inventories ${movements(batch * half, (batch + 1) * half, stores, products)}`)
  await database.run('COMMIT')
}
const seconds = (performance.now() - start) / 1000
database.close()
console.log(JSON.stringify({ events: half * 2 * batches, seconds }))
