import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { openShop, setClock, start } from './shops.mjs'
import { lookedAt, tableOf } from './table.mjs'
import { look, positionOf, sizeOf } from './watch.mjs'

/**
 * `node test/soak/stream.mjs --minutes 120 [--shops one-process,many-rates,wall-clock] [--out FILE]`: streams in three shops at a time, steps their clocks, stops and kills them,
 * and looks from outside at position, memory, open files and disk. Verifies each at the end, and prints a table.
 */
const words = process.argv.slice(2)
const flag = (name, otherwise) => (words.includes(name) ? words[words.indexOf(name) + 1] : otherwise)
const minutes = Number(flag('--minutes', '10'))
const out = flag('--out')
const LOOK_MS = 5_000
const endAt = performance.now() + minutes * 60_000
const left = () => Math.max(0, endAt - performance.now())
const home = mkdtempSync(path.join(os.tmpdir(), 'retail-soak-'))
const MINUTE = 60_000
const HOUR = 60 * MINUTE
const small = { stores: 40, products: 300, lines: 120, from: '2024-01-01', to: '2024-01-31' }

/** One process from its start to its end; what was seen of it becomes a row of the table. */
async function watched(shop, line, forMs, stop) {
  const before = positionOf(shop.folder)
  const { child, ended } = start(shop, line)
  const begun = performance.now()
  const looks = []
  let over = false
  void ended.then(() => (over = true))
  while (!over && performance.now() - begun < forMs) {
    await sleep(Math.min(LOOK_MS, forMs))
    if (over) break
    try {
      looks.push(look(child.pid, shop.folder))
    } catch {
      break
    }
  }
  if (!over) child.kill(stop)
  const { code, signal, stderr } = await ended
  const run = {
    line,
    stop,
    code,
    signal,
    stderr,
    before: before ?? looks.find(({ position }) => position)?.position,
    after: positionOf(shop.folder),
    looks,
    minutes: (performance.now() - begun) / MINUTE,
  }
  if (signal !== 'SIGKILL' && ![0, 130, 143].includes(code)) {
    process.stderr.write(`retail ${line}: exit ${code}\n${stderr}\n`)
    await sleep(10_000)
  }
  return run
}

/** One process for all of the time, a midnight about every two minutes; its clock is wrong by hours, then right again. */
async function oneProcess() {
  const shop = await openShop(path.join(home, 'one-process'), small)
  const steps = [HOUR, -HOUR, 24 * HOUR, 0, -24 * HOUR, 0]
  const stepping = every(7 * MINUTE, () => setClock(shop, steps[0] && steps.push(steps.shift()) && steps.at(-1)))
  const runs = [await watched(shop, 'stream --speed 600', left(), 'SIGTERM')]
  stepping()
  return { name: 'one process', shop, runs }
}

/** Every rhythm in turn, five minutes each, ended in every way. */
async function manyRates() {
  const shop = await openShop(path.join(home, 'many-rates'), {
    stores: 200,
    products: 1_000,
    lines: 300,
    from: '2024-01-01',
    to: '2024-01-31',
  })
  const asked = [
    '--rate 50',
    '--rate 500',
    '--speed 1',
    '--rate 2000',
    '--rate 50..1000/2m',
    '--speed 3600',
    '--rate 200+2000/10s/60s',
    '--speed 60',
  ]
  const stops = ['SIGTERM', 'SIGKILL', 'SIGINT']
  const runs = []
  for (let i = 0; left() > 0; i++) {
    setClock(shop, [0, 2 * HOUR, -3 * HOUR][i % 3])
    runs.push(
      await watched(shop, `stream ${asked[i % asked.length]}`, Math.min(left(), 5 * MINUTE), stops[i % stops.length]),
    )
  }
  return { name: 'many rates', shop, runs }
}

/** Follows the wall clock, which jumps forward by six hours every eight minutes, and back by a minute and a half in between. */
async function realTime() {
  const day = (off) => new Date(Date.now() + off * 24 * HOUR).toISOString().slice(0, 10)
  const shop = await openShop(path.join(home, 'real-time'), { ...small, from: day(-40), to: day(-1) })
  let steps = 0
  const stepping = every(4 * MINUTE, () => setClock(shop, shop.off + (steps++ % 2 === 0 ? 6 * HOUR : -1.5 * MINUTE)))
  const runs = []
  for (let i = 0; left() > 0; i++)
    runs.push(await watched(shop, 'stream --real-time', Math.min(left(), 40 * MINUTE), ['SIGTERM', 'SIGKILL'][i % 2]))
  stepping()
  return { name: 'wall clock', shop, runs }
}

/** Calls again and again until what it returns is called. */
function every(ms, work) {
  const timer = setInterval(work, ms)
  return () => clearInterval(timer)
}

const shops = { 'one-process': oneProcess, 'many-rates': manyRates, 'wall-clock': realTime }
const results = await Promise.all(
  flag('--shops', Object.keys(shops).join())
    .split(',')
    .map((name) => shops[name]()),
)
for (const result of results) {
  setClock(result.shop, 0)
  result.verify = await start(result.shop, 'verify --workers 1').ended
  result.size = sizeOf(result.shop.folder)
}
const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], {
  cwd: import.meta.dirname,
  encoding: 'utf8',
}).trim()
const text = tableOf({ minutes, commit, results: results.map(lookedAt) })
process.stdout.write(text)
if (out) {
  writeFileSync(out, text)
  writeFileSync(`${out}.json`, JSON.stringify(results, null, 1))
}
const failed = results.filter(({ verify }) => verify.code !== 0)
for (const { name, verify } of failed)
  process.stderr.write(`${name}: verify exit ${verify.code}\n${verify.stdout}\n${verify.stderr}\n`)
if (failed.length === 0) rmSync(home, { recursive: true, force: true })
else process.stderr.write(`kept: ${home}\n`)
process.exitCode = failed.length === 0 ? 0 : 1
