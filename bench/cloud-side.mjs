import { readFileSync } from 'node:fs'
import { loadConfig, openPorts } from '../dist/src/index.js'

/** Uploads a file this many times, like `backfill` uploads parts. Arguments: file, copies. */
const [file, copies] = process.argv.slice(2)
const { config } = loadConfig({ cwd: process.cwd(), env: {} })
const ports = await openPorts(config)
const bytes = readFileSync(file)
const start = performance.now()
for (let i = 0; i < Number(copies); i++) await ports.lake.put(`bench/${i}-${start}`, (sink) => sink.write([bytes]))
console.log(JSON.stringify({ bytes: bytes.length * copies, seconds: (performance.now() - start) / 1000 }))
process.exit(0)
