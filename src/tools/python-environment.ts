import { createHash, randomBytes } from 'node:crypto'
import fs from 'node:fs'
import { hostname } from 'node:os'
import path from 'node:path'
import { advise, retail } from '../advice.ts'
import { makeFolders } from '../disk.ts'
import { errnoOf, RetailError } from '../errors.ts'
import { findPython, type Python } from './find-python.ts'
import type { Invocation } from './invocation.ts'
import { trustedHomes, writableHome } from './python-homes.ts'
import { type Finished, type RunOptions, run } from './run.ts'

export interface EnvironmentOptions extends Pick<RunOptions, 'signal' | 'onLine' | 'log'> {
  /** The locked packages, with hashes. */
  lock: string
  /** Folders of environments, one per (lock, Python); see `pythonHomes`. */
  homes: readonly string[]
  env?: NodeJS.ProcessEnv
  /** Called before an environment is created, which takes 5 to 30 s. */
  onMake?: (home: string) => void
}

/**
 * The Python of an environment that contains exactly the locked packages; created once, then reused. It becomes visible
 * by one rename, so a partial one is never used; if two processes create it, one wins and both use it. (Its scripts
 * contain the temporary path; we run modules with its python, which finds its packages wherever it is.)
 */
export async function pythonEnvironment(options: EnvironmentOptions): Promise<string> {
  const { lock, homes, env = process.env } = options
  const base = await findPython(env)
  const key = keyOf(fs.readFileSync(lock), base)
  for (const home of trustedHomes(homes)) if (await answers(path.join(home, key))) return pythonOf(path.join(home, key))
  const home = writableHome(homes)
  const folder = path.join(home, key)
  options.onMake?.(home)
  makeFolders(home)
  sweep(home)
  const making = path.join(home, `${MAKING}${HOST}-${process.pid}-${randomBytes(4).toString('hex')}`)
  try {
    await make(making, base, options)
    fs.writeFileSync(path.join(making, COMPLETE), '')
    await takeOver(making, folder)
  } finally {
    for (const left of [making, asideOf(making)]) fs.rmSync(left, { recursive: true, force: true })
  }
  return pythonOf(folder)
}

const MAKING = '.making-'
/** Processes of several containers or machines may share a home, and a process id means nothing on another one. */
const HOST = createHash('sha256').update(hostname()).digest('hex').slice(0, 8)
const asideOf = (making: string) => `${making}-aside`

/** Written last, before the rename: a folder that lost files in a crash of the machine may lack it. */
const COMPLETE = '.complete'

const pythonOf = (folder: string) => path.join(folder, 'bin', 'python')

function keyOf(lock: Buffer, { version, file }: Python): string {
  const hash = createHash('sha256').update(lock).update(`\0${file}\0${process.platform}-${process.arch}`)
  return `py${version}-${hash.digest('hex').slice(0, 12)}`
}

/** Its Python may have been removed or upgraded since: the environment only links to it. */
async function answers(folder: string): Promise<boolean> {
  if (!fs.existsSync(path.join(folder, COMPLETE))) return false
  try {
    const { exitCode } = await run({ file: pythonOf(folder), args: ['-I', '-c', ''] })
    return exitCode === 0
  } catch (error) {
    // Any other error, like too many processes, says nothing about the environment: it takes minutes to create.
    if ((error instanceof RetailError && error.code === 'tool_missing') || errnoOf(error) === 'ENOEXEC') return false
    throw error
  }
}

async function make(
  folder: string,
  base: Python,
  { lock, env = process.env, ...options }: EnvironmentOptions,
): Promise<void> {
  const steps = (await hasUv(env)) ? uvSteps(folder, base.file, lock) : pipSteps(folder, base.file, lock)
  for (const step of steps) {
    const finished = await run({ ...step, env: { ...COMPILED, ...env, ...HERE } }, options)
    if (finished.exitCode !== 0) throw notMade(finished, options.log)
  }
}

export function uvSteps(folder: string, python: string, lock: string): Invocation[] {
  return [
    { file: 'uv', args: ['venv', '--python', python, folder] },
    {
      file: 'uv',
      args: ['pip', 'install', '--python', pythonOf(folder), ...LOCKED, '-r', lock],
    },
  ]
}

/** -I would also ignore PYTHONDONTWRITEBYTECODE: without compiled bytecode, every dbt call takes 2 s longer. */
export function pipSteps(folder: string, python: string, lock: string): Invocation[] {
  const quiet = ['--disable-pip-version-check', '--no-input', '--progress-bar', 'off']
  return [
    { file: python, args: ['-I', '-m', 'venv', folder] },
    { file: pythonOf(folder), args: ['-I', '-m', 'pip', 'install', ...quiet, ...LOCKED, '--compile', '-r', lock] },
  ]
}

/** A user's pip configuration for other locations must not affect this environment. */
const HERE = { PIP_USER: undefined, PIP_TARGET: undefined, PIP_PREFIX: undefined }
/** Without compiled bytecode, the first dbt call takes 2 s longer, and each call of a user who cannot write there. */
const COMPILED = { UV_COMPILE_BYTECODE: '1' }
const LOCKED = ['--require-hashes', '--no-deps']

const hasUv = (env: NodeJS.ProcessEnv): Promise<boolean> =>
  run({ file: 'uv', args: ['--version'], env }).then(
    ({ exitCode }) => exitCode === 0,
    () => false,
  )

async function takeOver(making: string, folder: string): Promise<void> {
  try {
    fs.renameSync(making, folder)
  } catch (error) {
    // Another process has created the same one; its environment is equivalent.
    if (await answers(folder)) return
    if (!fs.existsSync(folder)) throw error
    // It does not work: its Python was upgraded or removed since, or the machine crashed.
    fs.renameSync(folder, asideOf(making))
    fs.renameSync(making, folder)
  }
}

/** Removes what killed processes left: 200 MB each. */
function sweep(home: string): void {
  for (const name of fs.readdirSync(home)) {
    const [, host, pid] = /^\.making-([0-9a-f]{8})-(\d+)-/.exec(name) ?? []
    if (host === HOST && !isAlive(Number(pid))) fs.rmSync(path.join(home, name), { recursive: true, force: true })
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

function notMade({ tail }: Finished, log: string | undefined): RetailError {
  const said = tail.join('\n')
  const why = tail.filter((line) => /error|failed|not available/i.test(line)).at(-1) ?? tail.at(-1)
  if (/ensurepip|No module named venv/i.test(said))
    return new RetailError('tool_missing', 'this Python cannot create virtual environments', {
      why: 'its venv module is incomplete',
      hint: 'apt install python3-venv, or set RETAIL_PYTHON to another Python',
    })
  if (/no space left|disk quota/i.test(said))
    return new RetailError('disk_full', 'no space left while creating the Python environment', {
      why: 'it needs 200 MB',
      hint: 'free some space, or set RETAIL_PYTHON_HOME to another folder, and run it again',
    })
  if (/connection|network|resolve|timed? ?out|No matching distribution|fetch/i.test(said))
    return new RetailError('tool_missing', 'the Python packages of dbt could not be downloaded', {
      why,
      hint: advise`the first ${retail('transform')} needs network access; behind a proxy or a mirror, set PIP_INDEX_URL or HTTPS_PROXY for pip`,
    })
  return new RetailError('tool_failed', 'the Python environment could not be created', {
    why,
    hint: log === undefined ? undefined : `see ${log}`,
  })
}
