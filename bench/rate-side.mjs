import { parseRate } from '../dist/src/config/rate.js'
import { loadConfig, openPorts, stream } from '../dist/src/index.js'
import { openDuckdb } from './tool.mjs'

/** Streams at a rate, and prints how many events became visible when, in milliseconds since the start. */
const [rate, durationMs] = [parseRate(process.argv[2]), Number(process.argv[3])]
const { config } = loadConfig({ cwd: process.cwd(), env: {} })
const ports = await openPorts(config)
const batches = []
let began = 0
const lake = {
  ...ports.lake,
  async putFolder(key, files) {
    await ports.lake.putFolder(key, files)
    batches.push({ key, ms: performance.now() - began })
  },
}
const onStart = () => (began = performance.now())
const result = await stream({ ...ports, lake }, config, { rate, durationMs, onStart })
await ports[Symbol.asyncDispose]()

const database = await openDuckdb()
const counted = await database.rows(`SELECT file_name, num_rows FROM parquet_file_metadata('lake/live/*/*/*.parquet')`)
database.close()
const rows = new Map()
for (const { file_name, num_rows } of counted) {
  const key = file_name.split('/').slice(1, -1).join('/')
  rows.set(key, (rows.get(key) ?? 0) + Number(num_rows))
}
const delivered = batches.filter(({ ms }) => ms > 0).map(({ key, ms }) => [Math.round(ms), rows.get(key) ?? 0])
console.log(JSON.stringify({ ...result, delivered }))
