import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { mkdtemp } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { dashboard } from './dashboard.mjs'
import { demo } from './demo.mjs'
import { generators } from './generators.mjs'
import { history } from './history.mjs'
import { live } from './live.mjs'
import { memory } from './memory.mjs'
import { table } from './paired.mjs'
import { proof } from './proof.mjs'
import { scan } from './scan.mjs'
import { startUp } from './start-up.mjs'
import { text } from './text.mjs'
import { verify } from './verify.mjs'

/** `node bench/run.mjs [--small] [names…]`. All of them, at full size, write bench/RESULTS.md; anything less only prints. */
const all = { startUp, history, generators, text, memory, scan, live, proof, verify, dashboard, demo }
const words = process.argv.slice(2)
const small = words.includes('--small')
const names = words.filter((word) => word !== '--small')
const chosen = names.length > 0 ? names : Object.keys(all)

const began = new Date()
const loadBefore = os.loadavg()[0]
const sections = []
for (const name of chosen) {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'retail-bench-'))
  const loadAt = os.loadavg()[0].toFixed(1)
  try {
    process.stderr.write(`${name} …\n`)
    sections.push({ loadAt, ...(await all[name]({ folder, small })) })
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
const written = page()
process.stdout.write(written)
if (!small && names.length === 0) writeFileSync(path.join(import.meta.dirname, 'RESULTS.md'), written)

function page() {
  const goals = sections.flatMap((section) => section.goals)
  const marked = goals.map(([what, goal, shown, met]) => [what, goal, shown, met ? 'yes' : '**no**'])
  const body = sections.map(({ title, about, tables, loadAt }) =>
    [`## ${title}`, `${about} Load when it began: ${loadAt}.`, ...tables].join('\n\n'),
  )
  return `${['# Results', machine(), table(['', 'goal', 'median (min–max)', 'met'], marked), ...body].join('\n\n')}\n`
}

function machine() {
  const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))
  const cpus = os.cpus()
  return [
    `Written by \`make bench\` on ${began.toISOString().slice(0, 10)}, retail ${version}: ${cpus.length} × ${cpus[0].model.trim()},`,
    `${Math.round(os.totalmem() / 1e9)} GB, ${os.platform()} ${os.arch()}, Node ${process.versions.node}. A virtual machine that others used at the same time:`,
    `load ${loadBefore.toFixed(1)} at the beginning, ${os.loadavg()[0].toFixed(1)} at the end. Sides of a comparison ran in turn, A B A B; a ratio is taken round by round.`,
  ].join(' ')
}
