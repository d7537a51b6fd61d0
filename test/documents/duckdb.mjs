// Replaces DuckDB's command line, which no package of ours installs: `duckdb [-readonly] [FILE] [-c] SQL`.
import { DuckDBInstance } from '@duckdb/node-api'

const words = process.argv.slice(2)
const options = words.includes('-readonly') ? { access_mode: 'READ_ONLY' } : {}
const [sql, file = ':memory:'] = words.filter((word) => !word.startsWith('-')).reverse()
const instance = await DuckDBInstance.create(file, options)
const connection = await instance.connect()
for (const row of (await connection.runAndReadAll(sql)).getRowsJson()) console.log(row.join('  '))
connection.closeSync()
instance.closeSync()
