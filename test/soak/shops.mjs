import { spawn } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'

const root = path.resolve(import.meta.dirname, '../..')
export const bin = path.join(root, 'bin/retail.js')

/** A workspace with history and nothing streamed. `clock` is the file by which its wall clock is set. */
export async function openShop(folder, { stores, products, lines, from, to }) {
  mkdirSync(folder, { recursive: true })
  writeFileSync(
    path.join(folder, 'retail.yaml'),
    `version: 1
seed: 42
world: { stores: ${stores}, products: ${products}, lines_per_store_day: ${lines}, schema: strict }
history: { from: ${from}, to: ${to} }
`,
  )
  const shop = { folder, clock: path.join(folder, 'clock.txt'), off: 0 }
  setClock(shop, 0)
  for (const line of ['seed-dims', 'backfill --workers 1']) await must(shop, line)
  return shop
}

export function setClock(shop, off) {
  shop.off = off
  writeFileSync(shop.clock, String(off))
}

/** Starts the tool in a shop. `ended` tells how it ended and what it said. */
export function start(shop, line) {
  const child = spawn(
    process.execPath,
    ['--import', path.join(import.meta.dirname, 'stepped-clock.mjs'), bin, ...line.split(' ')],
    {
      cwd: shop.folder,
      env: { ...process.env, NO_COLOR: '1', RETAIL_NO_INPUT: '1', RETAIL_SOAK_CLOCK: shop.clock },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  )
  const said = { stdout: '', stderr: '' }
  // The story of hours is long; its end tells why.
  for (const name of ['stdout', 'stderr'])
    child[name].on('data', (chunk) => (said[name] = (said[name] + chunk).slice(-20_000)))
  const ended = new Promise((resolve) => child.on('close', (code, signal) => resolve({ code, signal, ...said })))
  return { child, ended }
}

export async function must(shop, line) {
  const ended = await start(shop, line).ended
  if (ended.code !== 0)
    throw new Error(`retail ${line} in ${shop.folder}: exit ${ended.code}\n${ended.stdout}\n${ended.stderr}`)
  return ended
}

/** Which generation of the source is soaked. */
export const version = () => JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')).version
