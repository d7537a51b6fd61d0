import { execFileSync, spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { chromium } from 'playwright-core'
import { findChromium } from '../dist/src/tools/chromium.js'

/** Makes the README's pictures of the dashboard, from a temporary shop with a running stream, in both themes. `node docs/screenshots.mjs`, after a build. */
const root = path.resolve(import.meta.dirname, '..')
const bin = path.join(root, 'bin/retail.js')
const shop = mkdtempSync(path.join(os.tmpdir(), 'retail-pictures-'))
const env = {
  ...process.env,
  RETAIL_NO_INPUT: '1',
  RETAIL_PYTHON_HOME: path.join(root, 'node_modules/.cache/retail-python'),
}
writeFileSync(
  path.join(shop, 'retail.yaml'),
  'version: 1\nworld: { stores: 400, products: 800, lines_per_store_day: 60 }\nhistory: { from: 2023-10-01, to: 2024-03-31 }\n',
)
for (const command of ['seed-dims', 'backfill', 'transform'])
  execFileSync(process.execPath, [bin, command, '-q'], { cwd: shop, env, stdio: 'inherit' })

const running = []
const background = (...args) => {
  const child = spawn(process.execPath, [bin, ...args], { cwd: shop, env, stdio: ['ignore', 'ignore', 'pipe'] })
  running.push(child)
  return child
}
const url = await new Promise((resolve) => {
  background('dashboard', '--port', '0').stderr.on('data', (chunk) => {
    const found = /Dashboard at (\S+)/.exec(String(chunk))
    if (found) resolve(found[1])
  })
})
background('stream', '--rate', '40').stderr.resume()
const browser = await chromium.launch({
  executablePath: findChromium(undefined, process.env),
  args: process.getuid?.() === 0 ? ['--no-sandbox'] : [],
})
for (const [theme, colours] of [
  ['light', 'blues'],
  ['dark', 'viridis'],
]) {
  const page = await browser.newPage({ viewport: { width: 1280, height: 1480 }, colorScheme: theme })
  await page.goto(`${url}?colours=${colours}`)
  await page.waitForSelector('.chip[data-live=on]:has-text("sales/min")')
  await page.screenshot({ path: path.join(import.meta.dirname, `dashboard-${theme}.png`) })
  await page.close()
}
await browser.close()
for (const child of running) {
  child.kill('SIGINT')
  await new Promise((resolve) => child.on('close', resolve))
}
rmSync(shop, { recursive: true, force: true })
