import { copyFileSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { build } from 'esbuild'
import { quantize } from 'topojson-client'

/** Bundles the page into dist/: one script, one style sheet, no module of it is loaded from anywhere else. */
const here = import.meta.dirname
const out = path.resolve(here, '../../../dist/src/dashboard/page')
const MOST_BYTES = 350_000

/** The outlines of the states on a grid of half a pixel: nobody sees a finer one, and it is half as large. */
const GRID = 2_000
const atlas = {
  name: 'atlas',
  setup({ onLoad }) {
    onLoad({ filter: /states-albers-10m\.json$/ }, ({ path: file }) => {
      const { bbox: _, ...whole } = JSON.parse(readFileSync(file, 'utf8'))
      const states = quantized({ ...whole, objects: { states: whole.objects.states } })
      return { contents: JSON.stringify(states), loader: 'json' }
    })
  },
}

/** The page has legends and tips of its own; Plot would bring its along, 20 kB of them. */
const unused = {
  name: 'unused',
  setup({ onLoad }) {
    onLoad({ filter: /plot\/src\/legends\.js$/ }, () => ({
      contents:
        'export const createLegends = () => []; export const exposeLegends = () => () => undefined; export const legend = undefined',
    }))
    onLoad({ filter: /plot\/src\/marks\/tip\.js$/ }, () => ({
      contents: 'export class Tip {}; export const tip = undefined; export const getSource = () => null',
    }))
  },
}

/** Once more on a coarser grid; `quantize` takes only what is on none. */
function quantized(topology) {
  const { scale, translate } = topology.transform
  const arcs = topology.arcs.map((arc) => {
    let [x, y] = [0, 0]
    return arc.map(([dx, dy]) => [(x += dx) * scale[0] + translate[0], (y += dy) * scale[1] + translate[1]])
  })
  const { transform: __, ...plain } = topology
  return quantize({ ...plain, arcs }, GRID)
}

mkdirSync(out, { recursive: true })
const { metafile } = await build({
  entryPoints: { page: path.join(here, 'main.ts') },
  outdir: out,
  bundle: true,
  minify: true,
  format: 'iife',
  target: 'es2022',
  legalComments: 'none',
  logLevel: 'warning',
  metafile: true,
  plugins: [atlas, unused],
})
for (const name of ['index.html', 'icon.svg']) copyFileSync(path.join(here, name), path.join(out, name))
copyFileSync(path.join(here, 'page.css'), path.join(out, 'page.css'))

// What is bundled is handed on, so its licences are too.
const bundled = new Set(
  Object.keys(metafile.inputs).flatMap((file) => /node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(file)?.[1] ?? []),
)
const modules = path.resolve(here, '../../../node_modules')
const licences = [...bundled].sort().map((name) => {
  const folder = path.join(modules, name)
  const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry))
  if (!file) throw new Error(`${name} has no licence to hand on`)
  return `${name}\n\n${readFileSync(path.join(folder, file), 'utf8').trim()}\n`
})
writeFileSync(path.join(out, 'licences.txt'), licences.join(`\n${'-'.repeat(72)}\n\n`))

const { size } = statSync(path.join(out, 'page.js'))
if (size > MOST_BYTES) throw new Error(`the page's script is ${size} bytes, more than ${MOST_BYTES}`)
