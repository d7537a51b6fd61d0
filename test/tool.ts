import { type ChildProcess, fork, spawn } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { onTestFinished } from 'vitest'
import { pythonHome } from './python-home.ts'

export { pythonHome }

const root = path.resolve(import.meta.dirname, '..')
export const bin = path.join(root, 'bin/retail.js')

/** The PATH of somebody who installed the tool: it advises itself by the name that it has there. */
export const toolPath = `${toolFolder()}${path.delimiter}${process.env.PATH}`

function toolFolder(): string {
  const folder = path.join(root, 'node_modules/.cache/retail-path')
  const link = path.join(folder, 'retail')
  mkdirSync(folder, { recursive: true })
  // A copied node_modules has the link of another checkout; a rename is safe beside other test files.
  if (!existsSync(link) || readlinkSync(link) !== bin) {
    symlinkSync(bin, `${link}.${process.pid}`)
    renameSync(`${link}.${process.pid}`, link)
  }
  return folder
}

export interface Run {
  code: number | null
  signal: NodeJS.Signals | null
  stdout: string
  stderr: string
}

export interface SmallWorld {
  stores?: number
  products?: number
  lines?: number
  from?: string
  to?: string
  seed?: number
  schema?: 'strict' | 'extended'
}

/** A workspace with a retail.yaml, removed when the test is over. */
export function workspace(world: SmallWorld = {}, keep = false): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'retail-'))
  if (!keep) onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  writeConfig(folder, world)
  return folder
}

/** An empty folder, removed when the test is over. */
export function freshFolder(keep = false): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'retail-'))
  if (!keep) onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

export function writeConfig(folder: string, world: SmallWorld): void {
  const {
    stores = 24,
    products = 150,
    lines = 40,
    from = '2024-01-01',
    to = '2024-02-20',
    seed = 42,
    schema = 'strict',
  } = world
  writeFileSync(
    path.join(folder, 'retail.yaml'),
    `version: 1
seed: ${seed}
world: { stores: ${stores}, products: ${products}, lines_per_store_day: ${lines}, schema: ${schema} }
history: { from: ${from}, to: ${to} }
`,
  )
}

/** A command line; words with spaces go in an array. */
type Line = string | readonly string[]
const words = (line: Line) => (typeof line === 'string' ? line.split(' ').filter(Boolean) : line)

/** What somebody has set who installed the tool and runs it in a script. */
const userEnv = (env: Record<string, string>) => ({
  ...process.env,
  PATH: toolPath,
  NO_COLOR: '1',
  RETAIL_NO_INPUT: '1',
  RETAIL_PYTHON_HOME: pythonHome,
  ...env,
})

/** Starts the built tool as a process of its own. */
export function start(
  folder: string,
  line: Line,
  env: Record<string, string> = {},
  node = process.execPath,
): ChildProcess & { ended: Promise<Run> } {
  const stdio = ['ignore', 'pipe', 'pipe'] as const
  const child = spawn(node, [bin, ...words(line)], { cwd: folder, env: userEnv(env), stdio: [...stdio] })
  const ended = new Promise<Run>((resolve) => {
    const text = { stdout: '', stderr: '' }
    for (const name of ['stdout', 'stderr'] as const) child[name].on('data', (chunk) => (text[name] += chunk))
    child.on('close', (code, signal) => resolve({ code, signal, ...text }))
  })
  return Object.assign(child, { ended })
}

/**
 * For processes that run many commands on little data: each starts threads that would compile their code with the better
 * compiler and end. That is a tenth of the CPU time of `verify` on a small shop. `start` changes nothing of Node.
 */
export const LATE_OPTIMIZER = ['--interrupt-budget=1000000']

/** Hosts that wait for their next command line; there are as many as tests run commands at the same time. */
const idle: ChildProcess[] = []

/** Runs the built tool, from its command line to its exit code, in a process that has run others before. */
export async function retail(folder: string, line: Line, env: Record<string, string> = {}): Promise<Run> {
  // An option of Node's is one of a new process.
  if (env.NODE_OPTIONS !== undefined) return start(folder, line, env).ended
  const host = idle.pop() ?? (await newHost())
  return new Promise<Run>((resolve, reject) => {
    const died = (code: number | null, signal: NodeJS.Signals | null) =>
      reject(new Error(`retail ${line}: the process ended with ${code ?? signal}`))
    host.once('exit', died)
    host.once('message', ({ last, ...run }: Run & { last: boolean }) => {
      host.off('exit', died)
      if (!last) idle.push(host)
      resolve(run)
    })
    host.send({ argv: words(line), cwd: folder, env: userEnv(env) })
  })
}

async function newHost(): Promise<ChildProcess> {
  const host = fork(path.join(import.meta.dirname, 'host.mjs'), {
    execArgv: LATE_OPTIMIZER,
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
  await new Promise((resolve, reject) => {
    host.once('message', resolve)
    host.once('exit', (code) => reject(new Error(`the host ended with ${code}: is the tool built?`)))
  })
  host.removeAllListeners('exit')
  return host
}

/** The result document of a command run with --json: the last line of it. */
export async function json<T = Record<string, unknown>>(
  folder: string,
  line: string,
  env?: Record<string, string>,
): Promise<T & { code: number | null }> {
  const { code, stdout, stderr } = await retail(folder, `${line} --json`, env)
  const last = stdout.trim().split('\n').pop() ?? ''
  try {
    return { ...(JSON.parse(last) as T), code }
  } catch {
    try {
      return { ...(JSON.parse(stdout) as T), code }
    } catch {
      throw new Error(`retail ${line}: exit ${code}\n${stdout}\n${stderr}`)
    }
  }
}
