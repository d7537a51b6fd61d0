import {
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { openDatabase } from '../src/adapters/local/duckdb.ts'
import { sealed } from '../src/ports/sealed.ts'
import { WRONG_CELLS } from './planted.ts'
import { json, retail, start, workspace, writeConfig } from './tool.ts'
import { unroll } from './unroll.ts'

interface Verified {
  ok: boolean
  differences: Record<string, string>[]
}
const world = { stores: 16, products: 120, lines: 40, to: '2024-02-29' }
const verify = (folder: string) => json<Verified>(folder, 'verify')
const part = 'lake/transactions/month=2024-01/block-003.parquet'

let original = ''
beforeAll(async () => {
  original = workspace(world, true)
  await retail(original, 'seed-dims')
  await retail(original, 'backfill')
  await retail(original, 'stream --speed 2000 --duration 2s')
  const transformed = await retail(original, 'transform')
  expect(transformed.code, transformed.stderr).toBe(0)
  expect(await verify(original)).toMatchObject({ code: 0, ok: true })
})
afterAll(() => rmSync(original, { recursive: true, force: true }))

/** A copy of the finished workspace; being copied is being moved, so this is tried every time. */
function copy(): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'retail-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  cpSync(original, folder, { recursive: true })
  return folder
}

/** Rewrites a part with other rows. */
async function rewrite(file: string, select: string): Promise<void> {
  {
    await using database = await openDatabase(':memory:')
    await database.run(
      `COPY (${select.replaceAll('$part', `read_parquet('${file}')`)}) TO '${file}.new' (FORMAT parquet)`,
    )
  }
  renameSync(`${file}.new`, file)
}

describe('verify names what is wrong', () => {
  const id = 'T240115-0007-000003'
  test('a cent that moved from one line to another, and the part is made again', async () => {
    const select = `SELECT * REPLACE (CAST(unit_price + CASE transaction_id WHEN '${id}' THEN 0.01 WHEN 'T240115-0007-000004' THEN -0.01 ELSE 0 END AS DECIMAL(10,2)) AS unit_price) FROM $part`
    const folder = copy()
    await rewrite(path.join(folder, part), select)
    const result = await verify(folder)
    expect(result.code).toBe(6)
    expect(result.differences).toContainEqual(
      expect.objectContaining({ table: 'transactions', kind: 'changed', id, column: 'unit_price' }),
    )
    expect(await json(folder, 'backfill')).toMatchObject({ code: 0, parts: { remade: 1 } })
    expect(await verify(folder)).toMatchObject({ code: 0, ok: true })
  })

  test('a cent that moved from one store to another in a mart', async () => {
    const folder = copy()
    // The copy is a moved workspace: its database is made to read its own lake before anything else.
    await retail(folder, 'seed-dims')
    {
      await using database = await openDatabase(path.join(folder, 'retail.duckdb'))
      for (const [store, sign] of [
        ['S0001', '+'],
        ['S0002', '-'],
      ]) {
        await database.run(
          `UPDATE marts.daily_sales SET revenue = revenue ${sign} 0.01 WHERE day = '2024-02-03' AND category = 'Clothing' AND store_id = '${store}'`,
        )
      }
      await database.run('CHECKPOINT')
    }
    const before = statSync(path.join(folder, 'retail.duckdb')).size
    expect(before).toBeGreaterThan(0)
    const { code, stdout } = await retail(folder, 'verify --json')
    const result = JSON.parse(stdout) as Verified
    // A publish would repair it, because the private copy is sound; verify must check the public file.
    expect([
      code,
      result.differences
        .filter(({ check }) => check === 'daily_sales')
        .map(({ store, id: category }) => [store, category]),
    ]).toEqual([
      6,
      [
        ['S0001', 'Clothing'],
        ['S0002', 'Clothing'],
      ],
    ])
  })

  test('a wrong cell in any mart, and no other', async () => {
    const folder = copy()
    await retail(folder, 'seed-dims')
    {
      await using database = await openDatabase(path.join(folder, 'retail.duckdb'))
      for (const statement of Object.values(WRONG_CELLS)) await database.run(statement)
      await database.run('CHECKPOINT')
    }
    const { code, differences } = await verify(folder)
    expect(code).toBe(6)
    expect(differences.map(({ check, kind }) => [check, kind]).sort()).toEqual(
      Object.keys(WRONG_CELLS)
        .map((mart) => [mart, 'changed'])
        .sort(),
    )
  })
})

describe('a part that is', () => {
  test.each([
    ['cut off', (file: string) => truncateSync(file, statSync(file).size - 100), 'damaged'],
    ['altered by one bit', (file: string) => flip(file, 5000), 'damaged'],
    ['deleted', (file: string) => rmSync(file), 'missing'],
  ])('%s is found, named, and made again by backfill', async (_how, harm, kind) => {
    const folder = copy()
    harm(path.join(folder, part))
    const result = await verify(folder)
    expect(result.code).toBe(6)
    expect(result.differences).toContainEqual(
      expect.objectContaining({ check: 'files', kind, file: part.slice('lake/'.length) }),
    )
    const { stdout } = await retail(folder, 'verify')
    expect(stdout).toContain('  files: parts or batches are missing, damaged, or do not match their names')
    expect(stdout).not.toMatch(/nothing|→|every part/)
    if (kind === 'missing') {
      expect(stdout).toMatch(/transactions: the rows of transactions could not be compared: files are missing/)
      expect(await retail(folder, 'transform')).toMatchObject({ code: 5 })
      expect(await retail(folder, 'stream --duration 1s')).toMatchObject({ code: 5 })
    }
    expect((await retail(folder, 'backfill')).code).toBe(0)
    expect(await verify(folder)).toMatchObject({ code: 0, ok: true })
  })
})

test('a deleted database is named, and repair makes it again', async () => {
  const folder = copy()
  expect((await json(folder, 'repair')).code).toBe(0)
  const file = path.join(folder, 'retail.duckdb')
  rmSync(file)
  const refused = await retail(folder, 'verify')
  expect(refused.code).toBe(3)
  expect(refused.stderr).toContain(`verify needs ${file}, which does not exist`)
  expect(refused.stderr).toContain('create it again: retail repair')
  expect(await json(folder, 'repair')).toMatchObject({ repaired: [{ file, why: 'the file is missing' }] })
  expect(await verify(folder)).toMatchObject({ code: 0, ok: true })
})

test('status counts the bytes and the files of parts and live batches', async () => {
  const lake = path.join(original, 'lake')
  const files = ['transactions', 'inventories', 'live'].flatMap((name) => {
    const folder = path.join(lake, name)
    const inside = existsSync(folder) ? readdirSync(folder, { recursive: true, encoding: 'utf8' }) : []
    const data = inside.filter((file) => file.endsWith('.parquet') && !file.includes('.kept'))
    return data.map((file) => statSync(path.join(folder, file)))
  })
  const sizeBytes = files.reduce((sum, { size }) => sum + size, 0)
  expect(await json(original, 'status')).toMatchObject({ lake: { files: files.length, sizeBytes } })
})

describe('a live batch that is', () => {
  const someBatch = (folder: string) => {
    const generation = path.join(folder, 'lake/live/000001')
    const batches = readdirSync(generation).sort()
    return path.join(generation, batches[Math.floor(batches.length / 2)])
  }
  test.each([
    ['cut off', (batch: string) => truncateSync(path.join(batch, 'inventories.parquet'), 200)],
    ['missing', (batch: string) => rmSync(batch, { recursive: true })],
    ['without one table', (batch: string) => rmSync(path.join(batch, 'transactions.parquet'))],
  ])('%s is found, named, and made again by stream', async (_how, harm) => {
    const folder = copy()
    unroll(folder)
    const batch = someBatch(folder)
    harm(batch)
    const result = await verify(folder)
    expect(result.code).toBe(6)
    expect(result.differences.filter(({ file }) => !file?.endsWith('_delta_log'))[0]).toMatchObject({
      check: 'files',
      day: '2024-03-01',
    })
    expect((await retail(folder, 'stream --speed 2000 --duration 500ms')).code).toBe(0)
    expect(await verify(folder)).toMatchObject({ code: 0, ok: true })
  })
})

describe('refused, and nothing is changed:', () => {
  const lakeOf = (folder: string) =>
    readdirSync(path.join(folder, 'lake'), { recursive: true })
      .map(String)
      .filter((name) => !name.startsWith('.tmp'))
      .sort()

  test.each(['seed-dims', 'backfill', 'stream --duration 1s', 'transform', 'verify', 'status'])(
    'the lake of another world, by %s',
    async (line) => {
      const folder = copy()
      const before = lakeOf(folder)
      writeConfig(folder, { ...world, seed: 7 })
      const { code, stderr } = await retail(folder, line)
      expect(code).toBe(2)
      expect(stderr).toMatch(/another world/)
      expect(stderr).toMatch(/seed is 42 there and 7 here/)
      expect(lakeOf(folder)).toEqual(before)
    },
  )

  test('the lake of a newer version', async () => {
    const folder = copy()
    const file = path.join(folder, 'lake/world.json')
    const { checksum: _, ...identity } = JSON.parse(readFileSync(file, 'utf8'))
    writeFileSync(file, sealed({ ...identity, format: 99 }))
    expect(await retail(folder, 'backfill')).toMatchObject({ code: 2, stderr: expect.stringMatching(/newer version/) })
  })

  test('a second writer, which is told who the first one is', async () => {
    const folder = copy()
    const first = start(folder, 'stream --speed 1 --duration 1m')
    await until(() => existsSync(path.join(folder, '.retail/locks/lake.owner.json')))
    const second = await retail(folder, 'backfill')
    expect(second.code).toBe(2)
    expect(second.stderr).toContain(`retail stream`)
    expect(second.stderr).toContain(String(first.pid))
    first.kill('SIGTERM')
    expect((await first.ended).code).toBe(143)
  })

  test('a foreign database', async () => {
    const folder = copy()
    writeFileSync(path.join(folder, 'retail.duckdb'), 'this is a diary')
    expect(await retail(folder, 'verify')).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/not a retail database/),
    })
  })
})

function flip(file: string, at: number): void {
  const bytes = readFileSync(file)
  bytes[at] ^= 1
  writeFileSync(file, bytes)
}

/** Resolves when a file system condition holds: the only event that another process gives. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 10))
}
