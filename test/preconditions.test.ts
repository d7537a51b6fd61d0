import { cpSync, existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs'
import path from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { freshFolder, json, retail, workspace } from './tool.ts'

/** What was done in a workspace before the command. Each state is that of the step before, and one step more. */
const STATES = ['empty folder', 'after init', 'after seed-dims', 'after backfill', 'after transform'] as const
type State = (typeof STATES)[number]

/**
 * What a command says in each state: an exit code, and for a 3 the command that has to come first. No command succeeds over nothing;
 * those that begin something do so anywhere.
 */
const INIT = [3, 'init'] as const
const TABLE: Record<string, readonly (readonly [code: number, next?: string])[]> = {
  plan: [[0], [0], [0], [0], [0]],
  infra: [INIT, [0, 'seed-dims'], [0, 'backfill'], [0, 'transform'], [0, 'verify']],
  'seed-dims': [INIT, [0, 'backfill'], [0, 'backfill'], [0, 'transform'], [0, 'verify']],
  backfill: [INIT, [0, 'seed-dims'], [0, 'transform'], [0, 'transform'], [0, 'verify']],
  'backfill --dry-run': [INIT, [0], [0], [0], [0]],
  'backfill --out out --format csv': [INIT, [0], [0], [0], [0]],
  'backfill --out out --format csv --stores 2 --products 20': [[0], [0], [0], [0], [0]],
  'stream --duration 1ms': [INIT, [3, 'backfill'], [3, 'backfill'], [0, 'transform'], [0]],
  'stream --dry-run': [INIT, [3, 'backfill'], [3, 'backfill'], [0], [0]],
  load: [INIT, [0], [0], [0], [0]],
  'dead-letters': [INIT, [2], [2], [2], [2]],
  'transform --dry-run': [INIT, [3, 'seed-dims'], [3, 'backfill'], [0], [0]],
  verify: [INIT, [3, 'backfill'], [3, 'backfill'], [0, 'transform'], [0, 'stream']],
  'verify --realism': [INIT, [3, 'backfill'], [3, 'backfill'], [0], [0]],
  'grade --transactions lake/transactions --until 2024-01-21': [INIT, [3], [3], [0], [0]],
  repair: [INIT, [3, 'seed-dims'], [0, 'verify'], [0, 'verify'], [0, 'verify']],
  'sql VALUES(1)': [INIT, [3, 'seed-dims'], [0], [0], [0]],
  'sql SELECT(missing)': [INIT, [3, 'seed-dims'], [2], [2], [2, 'sql']],
  'pack --out shop.duckdb': [INIT, [3, 'seed-dims'], [3, 'backfill'], [0], [0]],
  status: [INIT, [0, 'seed-dims'], [0, 'backfill'], [0, 'transform'], [0, 'verify']],
  'status --config': [INIT, [0], [0], [0], [0]],
  'dashboard --json': [INIT, [3, 'transform'], [3, 'transform'], [3, 'transform'], [0]],
  'dashboard --port 0 --duration 1ms': [INIT, [3, 'transform'], [3, 'transform'], [3, 'transform'], [0]],
  'dashboard --export page.html': [INIT, [3, 'transform'], [3, 'transform'], [3, 'transform'], [0]],
  'completion bash': [[0], [0], [0], [0], [0]],
  help: [[0], [0], [0], [0], [0]],
}

/** Every state is in the same folder when a command runs, because a copied workspace counts as moved. */
const saved = {} as Record<State, string>
let shop: string
const copyOf = (state: State): string => {
  rmSync(shop, { recursive: true, force: true })
  cpSync(saved[state], shop, { recursive: true })
  return shop
}

beforeAll(async () => {
  shop = path.join(freshFolder(true), "Jo's shop")
  const save = (state: State, from = shop) => {
    saved[state] = freshFolder(true)
    cpSync(from, saved[state], { recursive: true })
  }
  save('empty folder', freshFolder(true))
  save('after init', workspace({ stores: 3, products: 20, lines: 20, to: '2024-01-20' }, true))
  copyOf('after init')
  for (const [line, state] of [
    ['seed-dims', 'after seed-dims'],
    ['backfill', 'after backfill'],
    ['transform', 'after transform'],
  ] as const) {
    const { code, stderr } = await retail(shop, line)
    expect(code, stderr).toBe(0)
    save(state)
  }
})

describe.each(Object.entries(TABLE))('retail %s', (line, row) => {
  test.each(STATES.map((state, i) => [state, ...row[i]] as const))('%s: exit code %i %s', async (state, code, next) => {
    const folder = copyOf(state)
    const before = readdirSync(folder)
    const told = await retail(folder, line)
    expect([told.code, told.code === code ? '' : told.stdout + told.stderr]).toEqual([code, ''])
    const advised = `${told.stderr.split('→')[1] ?? ''}${told.stdout.split('Next:')[1]?.split('\n')[0] ?? ''}`
    if (next) expect(advised).toMatch(new RegExp(`retail ${next}\\b`))
    // Nothing is left where nothing was done.
    if (code === 3 && state === 'empty folder') expect(readdirSync(folder)).toEqual(before)
  })
})

test('an init that is refused makes no workspace, nor does one that fails half way', async () => {
  const refused = copyOf('empty folder')
  expect((await retail(refused, 'init')).code).toBe(2)
  expect((await retail(refused, 'init --target gcp --yes', { HOME: refused })).code).toBe(2)
  expect((await retail(refused, 'backfill')).code).toBe(3)
  const half = copyOf('empty folder')
  mkdirSync(path.join(half, '.retail'))
  mkdirSync(path.join(half, '.retail/retail.schema.json'))
  expect((await retail(half, 'init --size tiny --yes')).code).toBeGreaterThan(0)
  expect(existsSync(path.join(half, 'retail.yaml'))).toBe(false)
  expect((await retail(half, 'backfill')).code).toBe(3)
})

test('variables name a workspace where there is no file, as in a container', async () => {
  const folder = copyOf('empty folder')
  const world = { RETAIL_STORES: '2', RETAIL_PRODUCTS: '20', RETAIL_TO: '2024-01-03' }
  expect((await retail(folder, 'backfill', world)).code).toBe(0)
  expect((await retail(folder, 'status', { RETAIL_WORKSPACE: folder })).code).toBe(3)
})

test('the step after next needs no guess: following what is advised ends in a verified shop', async () => {
  const folder = copyOf('after init')
  const done: string[] = []
  for (let i = 0; i < 6; i++) {
    const { next } = await json<{ next: string[] }>(folder, 'status')
    const line = next[0].replace(/^retail /, '')
    if (line === 'stream') break
    done.push(line)
    expect((await retail(folder, line)).code).toBe(0)
  }
  expect(done).toEqual(['seed-dims', 'backfill', 'transform', 'verify'])
})

describe('a value that matches nothing is a slip', () => {
  test.each([
    ['dashboard --json --state ZZ', /No store is in ZZ/],
    ['dashboard --port 0 --duration 1ms --state ZZ', /No store is in ZZ/],
    ['dashboard --json --state tx', /two capital letters/],
    ['dashboard --export x.html --year 2031', /No sales in 2031.*\n.*2024-01/],
    ['dashboard --json --year 2024 --month 7', /No sales in July 2024/],
    ['transform --select daily_sale', /nothing in the dbt project matches --select daily_sale\n.*daily_sales/],
    ['transform --select daily_sales +mart', /matches --select \+mart\n.*marts/],
    ['transform --select stock_levels,stg_store,dim_product', /matches nothing to build/],
    ['backfill --out x --table stor', /did you mean store/],
    ['backfill --out x --format jsn', /expected parquet, csv, or ndjson/],
    ['backfill --shard 5/4', /expected a shard/],
  ])('retail %s: exit code 2', async (line, words) => {
    const folder = copyOf('after transform')
    const { code, stdout, stderr } = await retail(folder, line)
    expect([code, stderr]).toEqual([2, expect.stringMatching(words)])
    // Scripts read what is wrong where they read results.
    expect(stdout).toEqual(line.includes('--json') ? expect.stringMatching(/^\{\s*"error"/) : '')
    expect(stderr).not.toContain('publishing')
    expect(existsSync(path.join(folder, 'x.html'))).toBe(false)
  })

  test('the city alone is taken for the city and its state', async () => {
    const folder = copyOf('after transform')
    const { panels } = await json<{ panels: { panel: string; data: { rows: { location: string }[] } }[] }>(
      folder,
      'dashboard',
    )
    const location = panels.find(({ panel }) => panel === 'change')!.data.rows[0].location
    const city = location.split(',')[0]
    if (city.includes(' ')) return
    const { code, stderr } = await retail(folder, `dashboard --json --location ${city}`)
    expect([code, stderr]).toEqual([2, expect.stringContaining(`did you mean ${location}?`)])
  })
})

describe('verify names the command that fixes it', () => {
  test.each([
    ['a dimension', 'product/product.parquet'],
    ['a part', 'transactions/month=2024-01'],
  ])('%s', async (_what, name) => {
    const folder = copyOf('after backfill')
    rmSync(path.join(folder, 'lake', name), { recursive: true })
    const wrong = await json<{ next: string[] }>(folder, 'verify')
    expect([wrong.code, wrong.next[0]]).toEqual([6, 'retail repair'])
    expect((await retail(folder, 'repair')).code).toBe(0)
    expect((await retail(folder, 'verify')).code).toBe(0)
  })
})
