import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { LATE_OPTIMIZER, pythonHome, type Run, retail, workspace } from './tool.ts'

/** Writing commands, each on a shop at which it has something to do. */
const COMMANDS: { line: string; inThreads?: boolean }[] = [
  { line: 'init --yes --force' },
  { line: 'seed-dims' },
  { line: 'backfill --workers 1' },
  { line: 'backfill --workers 1', inThreads: true },
  { line: 'stream --speed max --max-events 40' },
  { line: 'repair' },
  { line: 'backfill --out export --format csv --workers 1' },
  { line: 'backfill --out export --format parquet --workers 1', inThreads: true },
]
const ERRNOS = { EIO: 1, ENOSPC: 1, EROFS: 4, EACCES: 4, EMFILE: 1 } as const
/** Of each command and error; RETAIL_FAULTS=all takes every operation. */
const SAMPLE = 3

interface Fault {
  line: string
  errno: keyof typeof ERRNOS
  at: number | null
  /** from there on everything fails, also what cleans up */
  after: boolean
  /** the disk fails within worker threads, and nowhere else */
  inThreads: boolean
}
interface Told {
  operations: number
  hit?: string
  failed: Run
  again: Run
  verified?: Run
}

const seed = Number(process.env.RETAIL_FAULT_SEED ?? 1)
const work = mkdtempSync(path.join(tmpdir(), 'retail-'))
let shop = ''
beforeAll(async () => {
  shop = workspace({ stores: 2, products: 20, lines: 12, to: '2024-02-10' }, true)
  for (const line of ['seed-dims', 'backfill --to 2024-01-10', 'stream --speed max --until 2024-01-12']) {
    const { code, stderr } = await retail(shop, line)
    expect(code, stderr).toBe(0)
  }
})
afterAll(() => {
  for (const folder of [work, shop]) rmSync(folder, { recursive: true, force: true })
})

test('an error of the disk at any operation of a writing command is told as what it is, and a repeat is exact', async () => {
  console.log(`RETAIL_FAULT_SEED=${seed}`)
  const counts = await run(
    COMMANDS.map(({ line, inThreads = false }) => ({ line, errno: 'EIO', at: null, after: false, inThreads })),
  )
  const faults = COMMANDS.flatMap(({ line, inThreads = false }, i) =>
    (Object.keys(ERRNOS) as (keyof typeof ERRNOS)[]).flatMap((errno, j) =>
      places(counts[i].operations, i * 31 + j).map(
        (at): Fault => ({ line, errno, at, after: (at + j) % 2 === 0, inThreads }),
      ),
    ),
  )
  expect(Math.min(...counts.map(({ operations }) => operations))).toBeGreaterThan(5)
  const told = await run(faults)
  const wrong = faults.flatMap((fault, i) => mistakesOf(fault, told[i]))
  expect(wrong.join('\n\n')).toBe('')
  // Most errors end the command: a test that never meets one shows nothing.
  expect(told.filter(({ failed }) => failed.code !== 0).length).toBeGreaterThan(faults.length / 3)
})

function places(operations: number, salt: number): number[] {
  if (process.env.RETAIL_FAULTS === 'all') return Array.from({ length: operations }, (_, at) => at)
  return Array.from(
    { length: SAMPLE },
    (_, k) => (((seed * 7919 + salt * 131 + k) * 2_654_435_761) % 4_294_967_296) % operations,
  )
}

function mistakesOf({ line, errno, at, after, inThreads }: Fault, { hit, failed, again, verified }: Told): string[] {
  const said = `retail ${line}: ${errno} at operation ${at}${inThreads ? ' of the threads' : ''}${after ? ' and after it' : ''} (${hit}): exit ${failed.code}\n${failed.stderr}`
  const wrong = []
  if (/bug in retail|^\s+at /m.test(failed.stderr)) wrong.push(`is called a bug: ${said}`)
  // What only helps people or saves time may fail without a word.
  else if (failed.code !== 0 && failed.code !== ERRNOS[errno]) wrong.push(`has the wrong exit code: ${said}`)
  else if (failed.code !== 0 && !/^error: .+\n(?: {2}.+\n)* {2}→ /m.test(failed.stderr))
    wrong.push(`is not told: ${said}`)
  if (again.code !== 0) wrong.push(`cannot be repeated: ${said}\nagain: exit ${again.code}\n${again.stderr}`)
  if (verified && verified.code !== 0)
    wrong.push(`leaves something wrong: ${said}\n${verified.stdout}${verified.stderr}`)
  return wrong
}

/** In two processes, in turn. */
async function run(faults: readonly Fault[]): Promise<Told[]> {
  const told: Told[] = []
  const queue = faults.map((fault, id) => ({ id, ...fault }))
  await Promise.all([0, 1].map(() => drive(queue, told)))
  return told
}

function drive(queue: (Fault & { id: number })[], told: Told[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [...LATE_OPTIMIZER, path.join(import.meta.dirname, 'faults/driver.mjs')], {
      stdio: ['pipe', 'pipe', 'inherit'],
      env: {
        ...process.env,
        RETAIL_PYTHON_HOME: pythonHome,
        NODE_OPTIONS: `--require ${path.join(import.meta.dirname, 'faults/failing-disk.cjs')}`,
      },
    })
    let one: (Fault & { id: number }) | undefined
    const next = () => {
      one = queue.shift()
      if (one) child.stdin.write(`${JSON.stringify({ ...one, shop, work })}\n`)
      else child.stdin.end()
    }
    createInterface({ input: child.stdout }).on('line', (text) => {
      const line = JSON.parse(text) as Told & { id: number }
      told[line.id] = line
      next()
    })
    child.on('close', (code) =>
      one ? reject(new Error(`${JSON.stringify(one)} ended the process (${code})`)) : resolve(),
    )
    next()
  })
}
