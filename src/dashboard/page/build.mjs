import { copyFileSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { build } from 'esbuild'
import { feature } from 'topojson-client'

/** Bundles the page into dist/: one script and one style sheet; the page loads no module from anywhere else. */
const here = import.meta.dirname
const out = path.resolve(here, '../../../dist/src/dashboard/page')
const MOST_BYTES = 140_000

/** The map is projected at build time: outlines as path data on a grid of half a pixel. A finer grid would be invisible, and no script has to project it. */
const atlas = {
  name: 'atlas',
  setup({ onLoad }) {
    onLoad({ filter: /states-albers-10m\.json$/ }, ({ path: file }) => {
      const topology = JSON.parse(readFileSync(file, 'utf8'))
      const { features } = feature(topology, topology.objects.states)
      const [left, top, right, bottom] = topology.bbox
      const outlines = Object.fromEntries(features.map(({ id, geometry }) => [id, pathOf(geometry, [left, top])]))
      const [width, height] = [right - left, bottom - top].map((side) => Math.ceil(side * GRID))
      return { contents: JSON.stringify({ width, height, outlines }), loader: 'json' }
    })
  },
}
const GRID = 2

function pathOf({ type, coordinates }, origin) {
  const rings = (type === 'Polygon' ? [coordinates] : coordinates).flat()
  return rings.map((ring) => ringOf(ring, origin)).join('')
}

/** Islands smaller than the grid disappear. */
function ringOf(ring, origin) {
  const points = ring.map((point) => point.map((at, i) => Math.round((at - origin[i]) * GRID)))
  const moves = points.slice(1).map(([x, y], i) => [x - points[i][0], y - points[i][1]])
  const seen = moves.filter(([x, y]) => x !== 0 || y !== 0).slice(0, -1)
  return seen.length < 2 ? '' : `M${points[0]}l${seen.map(([x, y]) => `${x}${y < 0 ? '' : ' '}${y}`).join(' ')}z`
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
  plugins: [atlas],
})
for (const name of ['index.html', 'icon.svg']) copyFileSync(path.join(here, name), path.join(out, name))
copyFileSync(path.join(here, 'page.css'), path.join(out, 'page.css'))

// The package distributes the bundled code, so it also distributes its licenses.
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
