import { copyFileSync, mkdirSync, statSync } from 'node:fs'
import path from 'node:path'
import { build } from 'esbuild'

/** Bundles the page into dist/: one script, one style sheet, no module of it is loaded from anywhere else. */
const here = import.meta.dirname
const out = path.resolve(here, '../../../dist/src/dashboard/page')
const MOST_BYTES = 350_000

mkdirSync(out, { recursive: true })
await build({
  entryPoints: { page: path.join(here, 'main.ts') },
  outdir: out,
  bundle: true,
  minify: true,
  format: 'iife',
  target: 'es2022',
  legalComments: 'none',
  logLevel: 'warning',
})
for (const name of ['index.html', 'icon.svg']) copyFileSync(path.join(here, name), path.join(out, name))
copyFileSync(path.join(here, 'page.css'), path.join(out, 'page.css'))
const { size } = statSync(path.join(out, 'page.js'))
if (size > MOST_BYTES) throw new Error(`the page's script is ${size} bytes, more than ${MOST_BYTES}`)
