// Reads raw from a fresh connection, again and again, until its input ends. Prints what it saw, one line of JSON a read.
import { DuckDBInstance } from '@duckdb/node-api'

const [file, from] = process.argv.slice(2)
let over = false
process.stdin.on('end', () => (over = true)).resume()

/** Per store and day ids are dense from 1, so a gap or a double shows as count ≠ highest number. */
const sql = `
WITH lines AS (SELECT store_id AS s, CAST(timestamp AS DATE) AS d, count(*) AS n, max(CAST(right(transaction_id, 6) AS INT)) AS top, max(timestamp) AS last
  FROM raw.transactions WHERE timestamp >= '${from}' GROUP BY ALL)
SELECT coalesce(sum(n), 0)::INT AS rows, coalesce(sum(n - top), 0)::INT AS off, coalesce(max(last)::VARCHAR, '') AS last FROM lines`

while (!over) {
  try {
    const instance = await DuckDBInstance.create(file, { access_mode: 'READ_ONLY', threads: '1' })
    const connection = await instance.connect()
    const [[rows, off, last]] = (await connection.runAndReadAll(sql)).getRows()
    connection.closeSync()
    instance.closeSync()
    console.log(JSON.stringify({ rows, off, last }))
  } catch (error) {
    console.log(JSON.stringify({ error: String(error) }))
  }
}
