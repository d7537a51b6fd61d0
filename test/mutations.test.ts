import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { loadConfig, openPorts, stream } from '../src/index.ts'
import { checkoutOfOther, otherUser } from './other-user.ts'
import { LATE_OPTIMIZER, pythonHome, retail, writeConfig } from './tool.ts'

/** Every kind of file that a workspace keeps. */
const KINDS = {
  part: 'lake/transactions/month=2024-01/block-000.parquet',
  'part of a month that goes on': 'lake/inventories/month=2024-02/*.parquet',
  'live batch': 'lake/live/*/*/transactions.parquet',
  'rolled batch': 'lake/inventories/month=*/2*Z.parquet',
  product: 'lake/product/product.parquet',
  store: 'lake/store/store.parquet',
  'whose lake it is': 'lake/world.json',
  'the database': 'retail.duckdb',
  'the copy it is made of': '.retail/marts.duckdb',
  'its checksum': '.retail/marts.duckdb.checksum',
  'dbt’s database': '.retail/build.duckdb',
  'results of dbt': '.retail/dbt/target/run_results.json',
  'manifest of dbt': '.retail/dbt/target/manifest.json',
  'what dbt parsed': '.retail/dbt/target/partial_parse.msgpack',
  'mark of the Python environment': '.retail/python/*/.complete',
  'note of a publish': '.retail/published.json',
  'run record': '.retail/runs/backfill.json',
  'mark of a reader': '.retail/readers/*.json',
  'figures of a stream': '.retail/stream.json',
  snapshot: '.retail/cache/snapshots/*/*/*',
  lock: '.retail/locks/lake.lock',
} as const
type Kind = keyof typeof KINDS

const DAMAGES = ['one bit', 'cut', 'empty', 'gone', "another's", 'unreadable'] as const
/** Another kind of object in the place of a file. */
const OTHERS = ['a FIFO', 'a socket', 'a folder', 'a folder with content'] as const
const MUTATIONS = [...DAMAGES, ...OTHERS] as const
type Mutation = (typeof MUTATIONS)[number]

/** The work is too little for more threads. */
const VERIFY = 'verify --workers 1'
/** They change nothing, so the writer after them still finds what is wrong. */
const READERS = ['status', 'dashboard --json', 'repair --dry-run', VERIFY]
/** They read no file that could be damaged but retail.yaml: once is enough. */
const ASIDE = ['plan', 'completion bash', 'stream --dry-run', 'help']
const WRITERS = ['seed-dims', 'backfill --workers 1', 'stream --speed max --max-events 40']
const REPAIRING = ['repair --workers 1', VERIFY]
/** Only transform reads these. */
const OF_DBT: readonly Kind[] = [
  'results of dbt',
  'manifest of dbt',
  'what dbt parsed',
  'mark of the Python environment',
]
/** What transform reads; with anything else it does not differ from the other writers, and it takes seconds. */
const TRANSFORMED: readonly Kind[] = ['part', 'live batch', 'rolled batch', 'product', 'dbt’s database']

/** Whatever is wrong with these, verify has to say so; the others hold nothing that cannot be forgotten. */
const MUST_BE_FOUND: readonly Kind[] = [
  'part',
  'part of a month that goes on',
  'live batch',
  'rolled batch',
  'product',
  'store',
  'whose lake it is',
]

/** Whoever reads these through the database must not call the database damaged. */
const LAKE: readonly Kind[] = MUST_BE_FOUND.filter((kind) => kind !== 'whose lake it is')

const isOther = (mutation: Mutation): boolean => (OTHERS as readonly Mutation[]).includes(mutation)

interface Case {
  id: number
  kind: Kind
  mutation: Mutation
  at: number
  lines: string[]
}
interface Told {
  line: string
  code: number
  stdout: string
  stderr: string
}

const seed = Number(process.env.RETAIL_MUTATION_SEED ?? 1)
const all = process.env.RETAIL_MUTATIONS === 'all'
const { checkout, remove } = checkoutOfOther()
const root = mkdtempSync(path.join(tmpdir(), 'retail-'))
const [shop, other] = ['shop', 'other'].map((name) => path.join(root, name))

beforeAll(async () => {
  await Promise.all([makeShop(shop, 42), makeShop(other, 7)])
  chmodSync(root, 0o755)
  // Links into the environments of all tests are not followed.
  if (otherUser.uid !== undefined) execFileSync('chown', ['-R', '-h', `${otherUser.uid}:${otherUser.gid}`, root])
})
afterAll(() => {
  rmSync(root, { recursive: true, force: true })
  remove()
})

/** Five minutes alone on two quiet cores, beside three other files three times as long. */
const PATIENCE = { timeout: 1_800_000 }

test(
  'whatever is wrong with whatever file, every command works and is right, or says so and what to do',
  PATIENCE,
  async () => {
    console.log(`RETAIL_MUTATION_SEED=${seed}${all ? ' RETAIL_MUTATIONS=all' : ''}`)
    const cases = casesOf()
    const told = await run(cases)
    expect(cases.flatMap((one) => mistakesOf(one, told.get(one.id) ?? [])).join('\n\n')).toBe('')
  },
)

/** Every kind of file with every damage, each before a reading and a writing command; RETAIL_MUTATIONS=all: before all of them. */
function casesOf(): Case[] {
  const cases: Case[] = []
  const add = (kind: Kind, mutation: Mutation, lines: string[]) =>
    cases.push({ id: cases.length, kind, mutation, at: fraction(cases.length), lines })
  const everyNth = (n: number) => all || (seed + cases.length) % n === 0
  // Another one each time, and with another seed.
  const pick = <T>(from: readonly T[]): T[] => (all ? [...from] : [from[(seed + cases.length) % from.length]])
  // Objects in place of a file are told apart by one look at the file: a FIFO, which could hang, and one of the others.
  const some = () => (all ? MUTATIONS : [...DAMAGES, OTHERS[0], ...pick(OTHERS.slice(1))])
  for (const kind of (Object.keys(KINDS) as Kind[]).filter((kind) => !OF_DBT.includes(kind)))
    for (const mutation of some()) {
      const must = MUST_BE_FOUND.includes(kind)
      // Damage that is not found before is repaired by the writer or by repair; checking everything again takes most of the time.
      const readers = must && everyNth(2) ? [...new Set([...pick(READERS), VERIFY])] : pick(READERS)
      const repairing = must || everyNth(4) ? REPAIRING : REPAIRING.slice(0, 1)
      for (const writer of pick(WRITERS)) add(kind, mutation, [...readers, writer, ...repairing])
    }
  // Each takes a run of dbt.
  for (const mutation of some().filter((_, index) => all || (seed + index) % 2 === 0))
    for (const kind of pick(OF_DBT)) add(kind, mutation, [...pick(READERS), 'transform', VERIFY])
  for (const kind of TRANSFORMED)
    for (const mutation of pick(MUTATIONS)) add(kind, mutation, ['transform', ...REPAIRING])
  add('part', 'cut', ASIDE)
  return cases
}

/** A few days at the turn of a month: most of what a command costs here is the same for every world. */
async function makeShop(folder: string, number: number): Promise<void> {
  mkdirSync(folder)
  writeConfig(folder, { stores: 2, products: 20, lines: 12, from: '2024-01-30', to: '2024-02-03', seed: number })
  for (const line of ['seed-dims', 'backfill', 'stream --speed max --until 2024-02-05', 'transform']) {
    const { code, stderr } = await retail(folder, line)
    expect(code, stderr).toBe(0)
  }
  await streamAndRoll(folder)
  linkPython(path.join(folder, '.retail/python'))
  mkdirSync(path.join(folder, '.retail/readers'), { recursive: true })
  writeFileSync(path.join(folder, '.retail/readers/99999999-0.json'), '{"pid":99999999,"started":"1"}')
}

/** The environments of all tests, under names of their own, so that each can lose its mark. */
function linkPython(home: string): void {
  for (const name of readdirSync(pythonHome)) {
    const [folder, whole] = [path.join(home, name), path.join(pythonHome, name)]
    if (!existsSync(path.join(whole, '.complete'))) continue
    mkdirSync(path.join(folder, 'bin'), { recursive: true })
    symlinkSync(path.join(whole, 'bin/python'), path.join(folder, 'bin/python'))
    symlinkSync(path.join(whole, 'lib'), path.join(folder, 'lib'))
    for (const file of ['pyvenv.cfg', '.complete']) copyFileSync(path.join(whole, file), path.join(folder, file))
  }
}

/** Until there is a rolled batch; the tool itself rolls after minutes. */
async function streamAndRoll(folder: string): Promise<void> {
  const { config } = loadConfig({ cwd: folder, env: {} })
  await using ports = await openPorts(config)
  for (let run = 0; run < 20 && (await ports.lake.layout()).rolled.length === 0; run++)
    await stream(ports, config, { speed: 20_000, durationMs: 2_000, rollEvery: 2 })
  await ports.workspace.recordTick({ pid: 1 })
}

/** A place in the file, from the seed. */
const fraction = (id: number): number => (((seed * 7919 + id) * 2_654_435_761) % 4_294_967_296) / 4_294_967_296

/** In two processes; one that falls silent is a hang, and one that ends is a crash. */
async function run(cases: readonly Case[]): Promise<Map<number, Told[]>> {
  const told = new Map<number, Told[]>()
  const isTransform = ({ lines }: Case) => lines.includes('transform')
  // The Python of dbt may be out of reach for somebody else.
  const [mine, others] = [cases.filter(isTransform), cases.filter((one) => !isTransform(one))]
  await Promise.all(
    [0, 1].map(async () => {
      // The longest first.
      while (mine.length > 0) await drive(mine, told, {})
      while (others.length > 0) await drive(others, told, otherUser)
    }),
  )
  return told
}

const SILENCE_MS = 120_000

function drive(queue: Case[], told: Map<number, Told[]>, user: { uid?: number; gid?: number }): Promise<void> {
  return new Promise((resolve) => {
    const driver = path.join(checkout, 'test/mutations/driver.mjs')
    const child: ChildProcess = spawn(process.execPath, [...LATE_OPTIMIZER, driver, shop, other, root], {
      stdio: ['pipe', 'pipe', 'inherit'],
      env: {
        ...process.env,
        RETAIL_PYTHON_HOME: undefined,
        XDG_CACHE_HOME: path.join(root, 'cache'),
        // An environment that is not used is made again: that it says so is enough, and takes no half minute.
        ...{ PIP_NO_INDEX: '1', UV_OFFLINE: '1', UV_NO_CACHE: '1' },
      },
      ...user,
    })
    let one: Case | undefined
    let at = ''
    let timer: NodeJS.Timeout | undefined
    const next = () => {
      one = queue.shift()
      if (!one) return child.stdin?.end()
      told.set(one.id, [])
      child.stdin?.write(`${JSON.stringify({ ...one, pattern: KINDS[one.kind] })}\n`)
      watch()
    }
    const watch = () => {
      clearTimeout(timer)
      timer = setTimeout(() => child.kill('SIGKILL'), SILENCE_MS)
    }
    createInterface({ input: child.stdout! }).on('line', (text) => {
      watch()
      const line = JSON.parse(text) as Told & { starts?: string; done?: boolean }
      if (line.done) {
        for (const what of mistakesOf(one!, told.get(one!.id)!)) console.error(what)
        next()
      } else if (line.starts) at = line.starts
      else told.get(one!.id)!.push(line)
    })
    child.on('close', (code, signal) => {
      clearTimeout(timer)
      if (one)
        told.get(one.id)!.push({ line: at, code: -1, stdout: '', stderr: `it ended the process: ${code ?? signal}` })
      resolve()
    })
    next()
  })
}

function mistakesOf({ kind, mutation, at, lines }: Case, told: readonly Told[]): string[] {
  const wrong: string[] = []
  const say = (what: string, { line, code, stdout, stderr }: Told) =>
    wrong.push(
      `${kind}, ${mutation} (${at}): retail ${line}: ${what} (exit ${code})\n${stderr
        .split('\n')
        .filter((text) => !/^[✔–]|^\d\d:/.test(text))
        .slice(-6)
        .join('\n')}${line === VERIFY ? stdout : ''}`,
    )
  if (told.length === 0) wrong.push(`${kind}, ${mutation}: it was not run`)
  for (const [i, one] of told.entries()) {
    const { line, code, stdout, stderr } = one
    if (code < 0) say('hangs or crashes', one)
    else if (/bug in retail|^\s+at /m.test(stderr)) say('is a bug', one)
    else if (code !== 0 && !/→ |Next:/.test(stderr + stdout)) say('tells no next step', one)
    // Something is wrong with a file: that is no failure of the system.
    else if (code === 1 && isOther(mutation)) say('calls it a failure', one)
    else if (isOther(mutation) && code === 6 && !/repair/.test(stderr + stdout)) say('does not advise repair', one)
    const repaired = lines.includes(REPAIRING[0]) && i > lines.indexOf(REPAIRING[0])
    // A process that may not read a file cannot repair it: its owner has to change its permissions.
    if (
      mutation === 'unreadable' &&
      (code === 4 || told.some((other) => other.line === REPAIRING[0] && other.code === 4))
    )
      continue
    // Its advice is to make again a file that may be sound.
    else if (line === VERIFY && LAKE.includes(kind) && /retail\.duckdb is damaged/.test(stderr))
      say('blames another', one)
    // Worlds are never mixed: whoever would use another's file names it and what moves it, until repair has.
    if (mutation === "another's" && code === 2 && !repaired && /another world/.test(stderr) && /repair/.test(stderr))
      continue
    if (line === VERIFY && repaired && code !== 0) say('finds something after repair', one)
    if (line === VERIFY && !repaired && code === 0 && MUST_BE_FOUND.includes(kind)) say('finds nothing', one)
  }
  return wrong
}
