import { loadConfig, openPorts, stream } from '../dist/src/index.js'
import { median } from './paired.mjs'

/** Streams this many events at full speed, and records the time of every batch that becomes visible. */
const maxEvents = Number(process.argv[2])
const { config } = loadConfig({ cwd: process.cwd(), env: {} })
const ports = await openPorts(config)
const flushes = []
const lake = {
  ...ports.lake,
  async putFolder(...what) {
    const start = performance.now()
    await ports.lake.putFolder(...what)
    flushes.push(performance.now() - start)
  },
}
const result = await stream({ ...ports, lake }, config, { speed: 'max', maxEvents })
await ports[Symbol.asyncDispose]()
const { events, batches, seconds } = result
console.log(JSON.stringify({ events, batches, seconds, p50Ms: median(flushes), maxMs: Math.max(...flushes) }))
