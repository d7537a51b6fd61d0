import { execFileSync } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { build } from 'esbuild'
import { BUNDLED, lazyChildProcess } from './bundled.mjs'

/**
 * Bundles all that dist/ has for the CLI, with the packages that nearly every command loads, into one file, dist/program/program.cjs,
 * and lets V8 compile it in advance: to find, read, and compile 160 modules took more than half of the time of `status`. Code of
 * ES modules cannot be cached in Node 20, so the file is a script. commands/compiled.ts loads it.
 */
const root = path.resolve(import.meta.dirname, '..')
const dist = path.join(root, 'dist')
const out = path.join(dist, 'program')

/** First, so that no build that failed leaves compiled code of another program. */
rmSync(out, { recursive: true, force: true })

const workers = readdirSync(path.join(dist, 'src/pipeline'), { recursive: true })
  .filter((file) => /\/(\w+-)?worker\.js$/.test(file))
  .map((file) => file.replace(/\.js$/, ''))
if (workers.length === 0) throw new Error('dist/src/pipeline has no worker')

const modules = {
  main: './commands/main.js',
  ...Object.fromEntries(['io', 'verbs'].map((name) => [name, `./commands/${name}.js`])),
  ...Object.fromEntries(workers.map((name) => [name, `./src/pipeline/${name}.js`])),
}
const { dependencies } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'))
await build({
  stdin: {
    contents: Object.entries(modules)
      .map(([name, file]) => `exports[${JSON.stringify(name)}] = () => require(${JSON.stringify(file)})`)
      .join('\n'),
    resolveDir: dist,
  },
  outfile: path.join(out, 'program.cjs'),
  bundle: true,
  format: 'cjs',
  platform: 'node',
  target: 'node20',
  external: Object.keys(dependencies).filter((name) => !BUNDLED.includes(name)),
  legalComments: 'none',
  plugins: [lazyChildProcess, { name: 'places', setup: keepPlaces }],
})
for (const name of workers) {
  const file = path.join(out, 'workers', `${name}.js`)
  mkdirSync(path.dirname(file), { recursive: true })
  const loader = path.relative(path.dirname(file), path.join(dist, 'commands/compiled.js'))
  writeFileSync(file, `import { load } from '${loader}'\n\nload('${name}')\n`)
}
execFileSync(process.execPath, [path.join(import.meta.dirname, 'compile-program.mjs')], { stdio: 'inherit' })

/**
 * A module that looks for files beside it finds them where tsc put it. A script cannot import packages by itself, so the
 * loader does that for it.
 */
function keepPlaces({ onLoad }) {
  onLoad({ filter: /\/dist\/(src|commands)\/.*\.js$/ }, ({ path: file }) => {
    const from = path.relative(dist, file)
    const url = `require('node:url').pathToFileURL(require('node:path').join(__dirname, '../${from}')).href`
    const text = readFileSync(file, 'utf8').replaceAll('import.meta.url', url)
    const contents = text.replace(/\bimport\('([^.'][^']*)'\)/g, (call, name) =>
      BUNDLED.includes(name) ? call : `importPackage('${name}')`,
    )
    return { contents, loader: 'js' }
  })
}
