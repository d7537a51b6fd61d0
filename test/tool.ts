import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { onTestFinished } from 'vitest'

const root = path.resolve(import.meta.dirname, '..')
export const bin = path.join(root, 'bin/retail.js')

/** One Python environment for all journeys; `make test` finds it again. */
export const pythonHome = path.join(root, 'node_modules/.cache/retail-python')

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

/** Starts the built tool as a process of its own. */
export function start(
  folder: string,
  line: string,
  env: Record<string, string> = {},
  node = process.execPath,
): ChildProcess & { ended: Promise<Run> } {
  const child = spawn(node, [bin, ...line.split(' ').filter(Boolean)], {
    cwd: folder,
    env: { ...process.env, NO_COLOR: '1', RETAIL_NO_INPUT: '1', RETAIL_PYTHON_HOME: pythonHome, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const ended = new Promise<Run>((resolve) => {
    const text = { stdout: '', stderr: '' }
    for (const name of ['stdout', 'stderr'] as const) child[name].on('data', (chunk) => (text[name] += chunk))
    child.on('close', (code, signal) => resolve({ code, signal, ...text }))
  })
  return Object.assign(child, { ended })
}

export const retail = (folder: string, line: string, env?: Record<string, string>, node?: string): Promise<Run> =>
  start(folder, line, env, node).ended

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
