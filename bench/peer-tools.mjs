import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import path from 'node:path'

const peers = path.join(import.meta.dirname, 'peers')
const cache = path.resolve(import.meta.dirname, '../node_modules/.cache')

/** A folder of Python generators, installed once from the hashed lockfile of bench/peers. */
export const pythonTools = () =>
  path.join(
    made('retail-bench-python', 'requirements.lock', (at) => {
      run('python3', ['-m', 'venv', at])
      const lock = path.join(peers, 'requirements.lock')
      run(path.join(at, 'bin/pip'), ['install', '--quiet', '--require-hashes', '-r', lock])
    }),
    'bin',
  )

/** A folder with Shape, which needs other versions than Spindle, its predecessor. */
export const shapeTools = () =>
  path.join(
    made('retail-bench-shape', 'shape.lock', (at) => {
      run('python3', ['-m', 'venv', at])
      run(path.join(at, 'bin/pip'), ['install', '--quiet', '--require-hashes', '-r', path.join(peers, 'shape.lock')])
    }),
    'bin',
  )

/** The Python of an environment with Streamlit. */
export const streamlitPython = () =>
  path.join(
    made('retail-bench-streamlit', 'streamlit.lock', (at) => {
      run('python3', ['-m', 'venv', at])
      const lock = path.join(peers, 'streamlit.lock')
      run(path.join(at, 'bin/pip'), ['install', '--quiet', '--require-hashes', '-r', lock])
    }),
    'bin/python',
  )

/** A folder with JavaScript generators in node_modules, installed from the lockfile of bench/peers, and the scripts that call them. */
export function nodeTools() {
  const at = made('retail-bench-node', 'package-lock.json', (folder) => {
    mkdirSync(folder)
    for (const name of ['package.json', 'package-lock.json'])
      copyFileSync(path.join(peers, name), path.join(folder, name))
    run('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], folder)
  })
  for (const name of ['drizzle-seed.mjs', 'hyparquet.mjs']) copyFileSync(path.join(peers, name), path.join(at, name))
  return at
}

/**
 * A folder of its own for each content of a lockfile. A marker file means that it is complete, because a virtual environment
 * cannot be renamed into place.
 */
function made(name, lock, make) {
  const digest = createHash('sha256')
    .update(readFileSync(path.join(peers, lock)))
    .digest('hex')
  const at = path.join(cache, `${name}-${digest.slice(0, 8)}`)
  const mark = `${at}.ready`
  if (existsSync(mark)) return at
  rmSync(at, { recursive: true, force: true })
  mkdirSync(cache, { recursive: true })
  process.stderr.write(`installing ${name} …\n`)
  make(at)
  mkdirSync(mark)
  return at
}

const run = (file, args, cwd) => execFileSync(file, args, { cwd, stdio: ['ignore', 'ignore', 'inherit'] })
