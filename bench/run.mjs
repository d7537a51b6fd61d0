import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { mkdtemp } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { cloud } from './cloud.mjs'
import { dashboard } from './dashboard.mjs'
import { demo } from './demo.mjs'
import { destinations } from './destinations.mjs'
import { generators } from './generators.mjs'
import { grade } from './grade.mjs'
import { history } from './history.mjs'
import { live } from './live.mjs'
import { memory } from './memory.mjs'
import { table } from './paired.mjs'
import { rate } from './rate.mjs'
import { rates } from './rates.mjs'
import { scan } from './scan.mjs'
import { startUp } from './start-up.mjs'
import { text } from './text.mjs'
import { transform } from './transform.mjs'
import { verify } from './verify.mjs'

/**
 * `node bench/run.mjs [--small] [names…]`. A full-size section replaces its predecessor in bench/RESULTS.md and
 * leaves the other sections, which have their own dates; a small run only prints.
 */
const all = {
  startUp,
  history,
  rates,
  generators,
  text,
  memory,
  scan,
  live,
  rate,
  destinations,
  transform,
  verify,
  grade,
  dashboard,
  demo,
  cloud,
}
const words = process.argv.slice(2)
const small = words.includes('--small')
const names = words.filter((word) => word !== '--small')
const chosen = names.length > 0 ? names : Object.keys(all)

const ABOUT = `\`make bench\` writes this page, and \`node bench/run.mjs history\` writes one section. The machine is a virtual machine that other work uses at the same time.
The sides of a comparison run alternately, A B A B, and each round gives one ratio. Results are the median, with minimum and maximum in parentheses.`
const file = path.join(import.meta.dirname, 'RESULTS.md')
const sections = sectionsOf(readFileSync(file, 'utf8'))
for (const name of chosen) {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'retail-bench-'))
  const load = os.loadavg()[0].toFixed(1)
  try {
    process.stderr.write(`${name} …\n`)
    const text = written(name, load, await all[name]({ folder, small }))
    process.stdout.write(`${text}\n`)
    sections.set(name, text)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
  // After each section, so that a failure in the last one does not lose an hour of work.
  if (!small) writeFileSync(file, page())
}

/** Each section starts with its name in a comment. */
function sectionsOf(text) {
  const [, ...parts] = text.split(/^<!-- (\w+) -->\n/m)
  return new Map(
    parts.flatMap((name, i) => (i % 2 === 0 ? [[name, `<!-- ${name} -->\n${parts[i + 1].trimEnd()}\n`]] : [])),
  )
}

function page() {
  const inOrder = Object.keys(all).flatMap((name) => sections.get(name) ?? [])
  return [`# Results\n\n${ABOUT}\n`, ...inOrder].join('\n')
}

function written(name, load, { title, about, tables, goals }) {
  const marked = goals.map(([what, goal, shown, met]) => [what, goal, shown, met ? 'yes' : '**no**'])
  return `<!-- ${name} -->\n${[
    `## ${title}`,
    ...(goals.length > 0 ? [table(['', 'goal', 'median (min–max)', 'met'], marked)] : []),
    `${about} ${machine(load)}`,
    ...tables,
  ].join('\n\n')}\n`
}

function machine(load) {
  const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))
  const cpus = os.cpus()
  const day = new Date().toISOString().slice(0, 10)
  return `Measured ${day}, retail ${version}, Node ${process.versions.node}, ${cpus.length} × ${cpus[0].model.trim()}, ${Math.round(os.totalmem() / 1e9)} GB, ${os.type()} ${os.arch()}; load at the start: ${load}.`
}
