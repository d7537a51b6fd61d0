import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { json, retail, workspace } from './tool.ts'

interface Repaired {
  repaired: { file: string; why: string; did: string }[]
}

const shape = { stores: 2, products: 20, lines: 12, from: '2024-01-30', to: '2024-02-03' }
const [mine, theirs] = [42, 7].map((seed) => workspace({ ...shape, seed }, true))

beforeAll(async () => {
  for (const folder of [mine, theirs])
    for (const line of ['seed-dims', 'backfill', 'stream --speed max --until 2024-02-05', 'transform']) {
      const { code, stderr } = await retail(folder, line)
      expect(code, stderr).toBe(0)
    }
})
afterAll(() => {
  for (const folder of [mine, theirs]) rmSync(folder, { recursive: true, force: true })
})

/** The last file of a pattern: the first live batch of a generation is empty. */
function find(folder: string, pattern: string): string {
  const like = new RegExp(`^${pattern.replaceAll('*', '[^/]*')}$`)
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => like.test(name))
    .sort()
    .at(-1)!
}

const WRITES = ['seed-dims', 'backfill', 'stream --speed max --max-events 5', 'transform']
const EVERY = [...WRITES, 'verify', 'pack --out packed.duckdb']
const FILES: Record<string, { pattern: string; by: readonly string[] }> = {
  'a part': {
    pattern: 'lake/transactions/month=2024-01/block-000.parquet',
    by: ['backfill', 'transform', 'verify', 'pack --out packed.duckdb'],
  },
  'a part of a month that goes on': {
    pattern: 'lake/inventories/month=2024-02/*.parquet',
    by: ['backfill', 'transform', 'verify', 'pack --out packed.duckdb'],
  },
  'a live batch': {
    pattern: 'lake/live/*/*/transactions.parquet',
    by: ['stream --speed max --max-events 5', 'transform', 'verify', 'pack --out packed.duckdb'],
  },
  'a dimension': {
    pattern: 'lake/product/product.parquet',
    by: ['seed-dims', 'transform', 'verify', 'pack --out packed.duckdb'],
  },
  'the database': { pattern: 'retail.duckdb', by: [...EVERY, 'status', 'dashboard --json'] },
  'the private copy of the database': { pattern: '.retail/marts.duckdb', by: ['verify'] },
  'the identity of the lake': { pattern: 'lake/world.json', by: [...EVERY, 'status', 'dashboard --json'] },
}

test.each(Object.entries(FILES))(
  '%s of another world is named, moved aside whole, and replaced',
  async (_, { pattern, by }) => {
    const folder = mkdtempSync(path.join(tmpdir(), 'retail-'))
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
    cpSync(mine, folder, { recursive: true })
    // A copied workspace has a database that reads the original's lake.
    expect((await retail(folder, 'seed-dims')).code).toBe(0)
    const file = find(folder, pattern)
    const stranger = readFileSync(path.join(theirs, find(theirs, pattern)))
    writeFileSync(path.join(folder, file), stranger)

    for (const line of by) {
      const { code, stdout, stderr } = await retail(folder, line)
      expect([line, code]).toEqual([
        line,
        line === 'verify' && !/duckdb|world\.json/.test(file) ? 6 : expect.toSatisfy((is) => is === 2 || is === 6),
      ])
      expect(stdout + stderr, line).toContain(
        path.relative('lake', file).startsWith('..') ? file : path.relative('lake', file),
      )
      expect(stdout + stderr, line).toContain('retail repair')
      expect(stdout + stderr, line).toMatch(/another world/)
      expect(readFileSync(path.join(folder, file)).equals(stranger), line).toBe(true)
    }

    const { code, repaired } = await json<Repaired>(folder, 'repair')
    expect([code, repaired.length]).toEqual([0, 1])
    const aside = /moved aside to (\S+?)(;|$)/.exec(repaired[0].did)?.[1] ?? ''
    expect(existsSync(aside), repaired[0].did).toBe(true)
    expect(readFileSync(aside).equals(stranger)).toBe(true)
    const verified = await retail(folder, 'verify')
    expect(verified.code, verified.stdout).toBe(0)
  },
)
