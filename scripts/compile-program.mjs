import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { PassThrough } from 'node:stream'
import { setFlagsFromString } from 'node:v8'
import { cacheFile, load, script } from '../dist/commands/compiled.js'

/** Runs a few commands on a small world, and keeps the functions that V8 compiled for them beside the program. */
const COMMANDS = ['init --size tiny --to 2024-01-02 --yes', 'plan', 'seed-dims', 'backfill', 'status']

// V8 forgets what it compiled if nothing calls it for a while.
setFlagsFromString('--no-flush-bytecode')
const { main } = load('main')
const { processIo } = load('io')
const { verbs } = load('verbs')
const folder = mkdtempSync(path.join(tmpdir(), 'retail-program-'))
try {
  for (const line of COMMANDS) await run(line)
} finally {
  rmSync(folder, { recursive: true, force: true })
}
setFlagsFromString('--flush-bytecode')
writeFileSync(cacheFile, script.createCachedData())
process.exit()

async function run(line) {
  const said = []
  const stream = () => new PassThrough().on('data', (text) => said.push(text))
  const io = { ...processIo(), cwd: folder, env: {}, stdout: stream(), stderr: stream(), launcher: () => ['retail'] }
  // What worker threads do has to be compiled here.
  const backfill = (ports, config, options) => verbs.backfill(ports, config, { ...options, workers: 0 })
  const code = await main(line.split(' '), { io, verbs: { ...verbs, backfill } })
  if (code !== 0) throw new Error(`retail ${line}: exit ${code}\n${said.join('')}`)
}
