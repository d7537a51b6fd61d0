import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { build } from 'esbuild'
import { BUNDLED, lazyChildProcess } from './bundled.mjs'

/**
 * Bundles packages into one file each, in dist/packages, and lets dist/ import those. They stay dependencies, and code that
 * runs from the sources imports them by name.
 */
/** Native code stays where npm installed it. */
const NATIVE = ['@duckdb/node-bindings']

const root = path.resolve(import.meta.dirname, '..')
const dist = path.join(root, 'dist')
const out = path.join(dist, 'packages')
const fileOf = (name) => path.join(out, `${name.replace('@', '').replace('/', '-')}.js`)

mkdirSync(out, { recursive: true })
const licenses = await Promise.all(BUNDLED.map(bundle))
writeFileSync(path.join(out, 'LICENSES.txt'), licenses.join('\n'))
for (const file of readdirSync(dist, { recursive: true }).filter((file) => file.endsWith('.js')))
  if (!file.startsWith('packages')) redirect(path.join(dist, file))

/** Returns the license of the package under its name. */
async function bundle(name) {
  // CommonJS has no list of names to export from, so they are read from the package itself.
  const names = Object.keys(await import(name)).filter((each) => /^[\w$]+$/.test(each) && each !== 'default')
  await build({
    stdin: {
      contents: `export { ${names.join(', ')} } from '${name}'`,
      resolveDir: root,
    },
    outfile: fileOf(name),
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    external: NATIVE,
    plugins: [lazyChildProcess],
    legalComments: 'none',
    // Names in stack traces stay.
    minifyWhitespace: true,
    banner: { js: "import { createRequire } from 'node:module'\nconst require = createRequire(import.meta.url)" },
  })
  const folder = path.join(root, 'node_modules', name)
  const license = readdirSync(folder).find((each) => /^licen[cs]e/i.test(each))
  if (!license) throw new Error(`${name} has no license file, so it cannot be bundled`)
  return `${name} ${JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8')).version}\n\n${readFileSync(path.join(folder, license), 'utf8')}`
}

function redirect(file) {
  const text = readFileSync(file, 'utf8')
  const redirected = BUNDLED.reduce((text, name) => {
    const to = path.relative(path.dirname(file), fileOf(name)).replace(/^(?!\.)/, './')
    return text.replaceAll(`from '${name}'`, `from '${to}'`).replaceAll(`import('${name}')`, `import('${to}')`)
  }, text)
  if (redirected !== text) writeFileSync(file, redirected)
}
