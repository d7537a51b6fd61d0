import { createHash } from 'node:crypto'
import { cpSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { openDatabase } from '../src/adapters/local/duckdb.ts'
import type { Moved } from '../src/pipeline/results.ts'
import { json, retail, workspace } from './tool.ts'

let original = ''
let rows = 0
beforeAll(async () => {
  original = workspace({ stores: 10, products: 80, lines: 30, to: '2024-02-20' }, true)
  for (const line of ['seed-dims', 'backfill', 'stream --speed max --until 2024-02-23', 'transform']) {
    const { code, stderr } = await retail(original, line)
    expect(code, stderr).toBe(0)
  }
  rows = await rowsIn(original)
})
afterAll(() => rmSync(original, { recursive: true, force: true }))

/** A copy, and what is done to its lake. */
function copy(harm: (lake: string) => void = () => {}): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'retail-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  cpSync(original, folder, { recursive: true })
  harm(path.join(folder, 'lake'))
  return folder
}

const database = (folder: string) => path.join(folder, 'retail.duckdb')
const bytesOf = (folder: string) =>
  createHash('sha256')
    .update(readFileSync(database(folder)))
    .digest('hex')

/** Rows of raw as somebody sees them who opens the database. */
async function rowsIn(folder: string): Promise<number> {
  await using opened = await openDatabase(database(folder), { readOnly: true })
  const [{ n }] = await opened.query('SELECT count(*)::INT AS n FROM raw.transactions')
  return Number(n)
}

/** The files that raw reads. */
async function viewsOf(folder: string): Promise<string> {
  await using opened = await openDatabase(database(folder), { readOnly: true })
  const views = await opened.query(`SELECT sql FROM duckdb_views() WHERE schema_name = 'raw'`)
  return views.map(({ sql }) => String(sql)).join('\n')
}

describe('in a workspace that was copied', () => {
  test('commands that read leave the public database unchanged, and say what it means', async () => {
    const folder = copy()
    const before = bytesOf(folder)
    const moved = { from: path.join(original, 'lake'), to: path.join(folder, 'lake') }
    expect(await json(folder, 'status')).toMatchObject({ moved, ready: false })
    expect((await retail(folder, 'status')).stdout).toContain(`the database still reads ${moved.from}`)
    expect((await retail(folder, 'status --check')).code).toBe(6)
    const verified = await json<{ checks: { name: string; ok: boolean }[] }>(folder, 'verify')
    expect(verified.code).toBe(6)
    expect(verified.checks.filter(({ ok }) => !ok).map(({ name }) => name)).toEqual(['database'])
    expect((await retail(folder, 'verify')).stdout).toContain(`raw reads the lake at ${moved.from}, not`)
    for (const line of ['dashboard --json', 'plan', 'backfill --dry-run', 'verify --realism'])
      expect((await retail(folder, line)).code, line).toBe(0)
    expect(bytesOf(folder)).toBe(before)
  })

  test.each(['seed-dims', 'backfill', 'stream --speed max --until 2024-02-24', 'transform'])(
    '%s makes the database read its own lake, and says so',
    async (line) => {
      const folder = copy()
      const { code, moved } = await json<{ moved: Moved }>(folder, line)
      expect([code, moved]).toEqual([0, { from: path.join(original, 'lake'), to: path.join(folder, 'lake') }])
      expect(await viewsOf(folder)).not.toContain(original)
      expect(await rowsIn(folder)).toBeGreaterThanOrEqual(rows)
      expect(await json(folder, 'status')).not.toHaveProperty('moved')
      if (line !== 'transform') expect(await json(folder, 'verify')).toMatchObject({ code: 0, ok: true })
    },
  )

  test('repair makes the database read its own lake, and names the database', async () => {
    const folder = copy()
    const repaired = [{ file: database(folder), why: expect.stringContaining(original), did: expect.any(String) }]
    expect(await json(folder, 'repair --dry-run')).toMatchObject({ code: 0, repaired })
    expect(await viewsOf(folder)).toContain(original)
    expect(await json(folder, 'repair')).toMatchObject({ code: 0, repaired })
    expect(await viewsOf(folder)).not.toContain(original)
    expect(await json(folder, 'repair')).toMatchObject({ code: 0, repaired: [] })
    expect(await json(folder, 'verify')).toMatchObject({ code: 0, ok: true })
  })

  test('the same workspace by another name was not moved', async () => {
    const link = path.join(tmpdir(), `${path.basename(original)}-link`)
    symlinkSync(original, link)
    onTestFinished(() => rmSync(link))
    expect(await json(link, 'status')).not.toHaveProperty('moved')
    expect(await json(link, 'verify --quick')).toMatchObject({ code: 0 })
  })
})

describe('a database never shows less than before without a word:', () => {
  /** Not second names: they are not the data. */
  const filesOf = (lake: string, like: RegExp) =>
    readdirSync(lake, { recursive: true, encoding: 'utf8' })
      .filter((name) => like.test(name) && !name.includes('.kept'))
      .map((name) => path.join(lake, name))
  const lastParts = (lake: string) => {
    for (const table of ['transactions', 'inventories'])
      rmSync(path.join(lake, table, 'month=2024-02'), { recursive: true })
  }
  const live = (lake: string) => {
    rmSync(path.join(lake, 'live'), { recursive: true, force: true })
    for (const file of filesOf(lake, /Z-\d+T\d+Z\.(json|parquet)$/)) rmSync(file)
  }
  const lastDay = (lake: string) => {
    const batches = filesOf(lake, /\/\d+T\d+Z-20240223T000000Z(\.json|\.parquet)?$/)
    expect(batches.length).toBeGreaterThan(0)
    for (const batch of batches) rmSync(batch, { recursive: true })
  }

  test.each<[string, (lake: string) => void, string[], string, string]>([
    [
      'a month of parts is gone',
      lastParts,
      ['status', 'seed-dims', 'transform', 'stream --duration 1s'],
      'retail repair',
      'repair',
    ],
    ['all live batches are gone', live, ['status', 'seed-dims', 'transform', 'backfill'], 'retail repair', 'repair'],
    [
      'the last live batch is gone',
      lastDay,
      ['status', 'seed-dims', 'transform', 'backfill'],
      'retail repair',
      'repair',
    ],
  ])('when %s', async (_what, harm, refused, advice, mends) => {
    const folder = copy(harm)
    const before = bytesOf(folder)
    for (const line of refused) {
      const { code, stderr } = await retail(folder, line)
      if (line === 'status') expect(code).toBe(0)
      else {
        expect(code, line).toBe(5)
        expect(stderr, line).toContain('missing')
        if (!line.startsWith('stream')) expect(stderr, line).toContain(advice)
      }
      expect(bytesOf(folder), line).toBe(before)
    }
    expect((await retail(folder, 'verify')).stdout).toMatch(/missing/)
    expect((await retail(folder, mends)).code).toBe(0)
    expect(await rowsIn(folder)).toBe(rows)
    expect(await json(folder, 'verify')).toMatchObject({ code: 0, ok: true })
  })

  test('when the original is gone: raw reads the copy', async () => {
    const away = `${original}.away`
    const folder = copy()
    renameSync(original, away)
    onTestFinished(() => renameSync(away, original))
    await expect(rowsIn(folder)).rejects.toThrow(/No files found/)
    expect((await retail(folder, 'seed-dims')).stdout).toContain('The workspace was moved or copied')
    expect(await rowsIn(folder)).toBe(rows)
  })
})
