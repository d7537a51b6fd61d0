import { execFileSync } from 'node:child_process'
import { copyFileSync, existsSync, mkdirSync, rmSync } from 'node:fs'
import path from 'node:path'

const peers = path.join(import.meta.dirname, 'peers')
const cache = path.resolve(import.meta.dirname, '../node_modules/.cache')

/** A folder of Python generators, installed once from the hashed lockfile of bench/peers. */
export const pythonTools = () =>
  path.join(
    made('retail-bench-python', (at) => {
      run('python3', ['-m', 'venv', at])
      const lock = path.join(peers, 'requirements.lock')
      run(path.join(at, 'bin/pip'), ['install', '--quiet', '--require-hashes', '-r', lock])
    }),
    'bin',
  )

/** The Python of an environment with Streamlit. */
export const streamlitPython = () =>
  path.join(
    made('retail-bench-streamlit', (at) => {
      run('python3', ['-m', 'venv', at])
      const lock = path.join(peers, 'streamlit.lock')
      run(path.join(at, 'bin/pip'), ['install', '--quiet', '--require-hashes', '-r', lock])
    }),
    'bin/python',
  )

/** A folder with JavaScript generators in node_modules, installed from the lockfile of bench/peers, and the scripts that call them. */
export function nodeTools() {
  const at = made('retail-bench-node', (folder) => {
    mkdirSync(folder)
    for (const name of ['package.json', 'package-lock.json'])
      copyFileSync(path.join(peers, name), path.join(folder, name))
    run('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], folder)
  })
  copyFileSync(path.join(peers, 'drizzle-seed.mjs'), path.join(at, 'drizzle-seed.mjs'))
  return at
}

/** A marker file means that it is complete, because a virtual environment cannot be renamed into place. */
function made(name, make) {
  const at = path.join(cache, name)
  const mark = path.join(cache, `${name}.ready`)
  if (existsSync(mark)) return at
  rmSync(at, { recursive: true, force: true })
  mkdirSync(cache, { recursive: true })
  process.stderr.write(`installing ${name} …\n`)
  make(at)
  mkdirSync(mark)
  return at
}

const run = (file, args, cwd) => execFileSync(file, args, { cwd, stdio: ['ignore', 'ignore', 'inherit'] })
