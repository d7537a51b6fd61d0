import { cpSync, existsSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { openDatabase } from '../src/adapters/local/duckdb.ts'
import { json, retail, workspace } from './tool.ts'

interface Repaired {
  repaired: { file: string; why: string; did: string }[]
}
interface Status {
  raw: { history: string; live: string }
}

const shape = { stores: 2, products: 20, lines: 12, from: '2024-01-10', to: '2024-02-15' }
const [mine, theirs] = [42, 7].map((seed) => workspace({ ...shape, seed }, true))
const END = { history: '2024-02-16T00:00:00Z', live: '2024-02-16T20:00:00Z' }

beforeAll(async () => {
  for (const folder of [mine, theirs])
    for (const line of [
      ...['seed-dims', 'backfill', 'stream --speed max --until 2024-02-16T10:00:00Z'],
      `stream --speed max --until ${END.live}`,
    ])
      expect(await retail(folder, line)).toMatchObject({ code: 0 })
})
afterAll(() => {
  for (const folder of [mine, theirs]) rmSync(folder, { recursive: true, force: true })
})

/** A copy whose database reads its own lake. */
async function copy(): Promise<string> {
  const folder = mkdtempSync(path.join(tmpdir(), 'retail-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  cpSync(mine, folder, { recursive: true })
  expect((await retail(folder, 'seed-dims')).code).toBe(0)
  return folder
}

const last = (folder: string) => readdirSync(folder).sort().at(-1)!
/** The open generation, and a batch of it with rows. */
function openBatch(folder: string): { generation: string; batch: string } {
  const generation = path.join(folder, 'lake/live', last(path.join(folder, 'lake/live')))
  return { generation, batch: last(generation) }
}
const TABLES = ['transactions', 'inventories']

/** Each returns the path in the lake that it has made. */
const MISPLACED: Record<string, (folder: string) => string> = {
  'a live batch copied under a name that reaches further': (folder) => {
    const { generation, batch } = openBatch(folder)
    const name = '20240216T200000Z-20240216T230000Z'
    cpSync(path.join(generation, batch), path.join(generation, name), { recursive: true })
    return path.join(generation, name)
  },
  'a live batch copied under a name that ends within a second': (folder) => {
    const { generation, batch } = openBatch(folder)
    const name = '20240216T200000Z-20240216T200000.500000Z'
    cpSync(path.join(generation, batch), path.join(generation, name), { recursive: true })
    return path.join(generation, name)
  },
  'a live batch renamed to reach further': (folder) => {
    const { generation, batch } = openBatch(folder)
    const name = batch.replace(/-.*/, '-20240216T230000Z')
    renameSync(path.join(generation, batch), path.join(generation, name))
    return path.join(generation, name)
  },
  'a live batch copied under a name that crosses a midnight': (folder) => {
    const { generation, batch } = openBatch(folder)
    const name = '20240216T200000Z-20300101T000000Z'
    cpSync(path.join(generation, batch), path.join(generation, name), { recursive: true })
    return path.join(generation, name)
  },
  'a live batch copied over a part of another': (folder) => {
    const { generation, batch } = openBatch(folder)
    const name = batch.replace(/-.*/, '-20240216T130000Z')
    cpSync(path.join(generation, batch), path.join(generation, name), { recursive: true })
    return path.join(generation, name)
  },
  'a live batch of another world that reaches further': (folder) => {
    const from = openBatch(theirs)
    const { generation } = openBatch(folder)
    const name = '20240216T200000Z-20240216T230000Z'
    cpSync(path.join(from.generation, from.batch), path.join(generation, name), { recursive: true })
    return path.join(generation, name)
  },
  'a copy of a live batch': (folder) => {
    const { generation, batch } = openBatch(folder)
    cpSync(path.join(generation, batch), path.join(generation, `${batch} copy`), { recursive: true })
    return path.join(generation, `${batch} copy`)
  },
  'a part copied to another month': (folder) => {
    const month = path.join(folder, 'lake/transactions')
    cpSync(path.join(month, 'month=2024-01/block-000.parquet'), path.join(month, 'month=2024-03/block-000.parquet'))
    return path.join(month, 'month=2024-03/block-000.parquet')
  },
  'a part renamed to a name that reaches further': (folder) => {
    const month = path.join(folder, 'lake/transactions/month=2024-02')
    cpSync(path.join(month, 'block-000-through-15.parquet'), path.join(month, 'block-000.parquet'))
    return path.join(month, 'block-000.parquet')
  },
  'a part of a block that the world does not have': (folder) => {
    const month = path.join(folder, 'lake/transactions/month=2024-01')
    cpSync(path.join(month, 'block-000.parquet'), path.join(month, 'block-009.parquet'))
    return path.join(month, 'block-009.parquet')
  },
  'a copy beside a part': (folder) => {
    const month = path.join(folder, 'lake/transactions/month=2024-01')
    cpSync(path.join(month, 'block-000.parquet'), path.join(month, 'copy of block-000.parquet'))
    return path.join(month, 'copy of block-000.parquet')
  },
  'a copy of a month': (folder) => {
    const facts = path.join(folder, 'lake/inventories')
    cpSync(path.join(facts, 'month=2024-01'), path.join(facts, 'month=2024-01 (copy)'), { recursive: true })
    return path.join(facts, 'month=2024-01 (copy)')
  },
}
/** Each takes the place of a folder. */
const INSTEAD = ['live', 'rolled', 'transactions', 'inventories/month=2024-01', '.tmp', 'transactions/.kept']
test.each(INSTEAD)('a file in place of the folder %s is named, and repair moves it aside', async (name) => {
  const folder = await copy()
  const place = path.join(folder, 'lake', name)
  rmSync(place, { recursive: true, force: true })
  writeFileSync(place, 'of somebody')
  const why = `it is a file, not a folder`
  expect((await retail(folder, 'status')).stdout).toContain(`${place}: ${why}`)
  const verified = await retail(folder, 'verify')
  expect([verified.code, verified.stdout]).toEqual([6, expect.stringContaining(why)])
  const { code, repaired } = await json<Repaired>(folder, 'repair')
  expect([code, repaired]).toEqual([0, expect.arrayContaining([expect.objectContaining({ file: name, why })])])
  for (const line of ['stream --speed max --max-events 5', 'verify', 'repair'])
    expect([line, (await retail(folder, line)).code]).toEqual([line, 0])
})

test.each(['lake', '.retail'])('a file in place of %s is named, and repair works once it has gone', async (name) => {
  const folder = await copy()
  const place = path.join(folder, name)
  renameSync(place, `${place}.old`)
  writeFileSync(place, 'of somebody')
  for (const line of ['status', 'verify', 'stream --speed max --max-events 5', 'backfill']) {
    const { code, stderr } = await retail(folder, line)
    expect([line, code, stderr]).toEqual([line, 6, expect.stringContaining('retail repair')])
  }
  if (name === 'lake') {
    expect((await retail(folder, 'repair')).stderr).toContain(`${place} is a file, not a folder`)
    rmSync(place)
  }
  expect(await retail(folder, 'repair')).toMatchObject({ code: 0 })
  expect(await json(folder, 'verify')).toMatchObject({ code: 0, ok: true })
})

/** Names that reach further are refused by whoever extends the lake or publishes it. */
const REFUSED = ['reach', 'copied over', 'copy of a live', 'crosses']

/** How many rows people read, and of how many ids, with the pattern of the documentation. */
async function rowsOf(folder: string): Promise<unknown> {
  await using database = await openDatabase(':memory:')
  const counts = TABLES.map(
    (table) =>
      `(SELECT count(*) - count(DISTINCT ${table === 'transactions' ? 'transaction' : 'inventory'}_id) FROM read_parquet('${folder}/lake/${table}/*/*.parquet')) AS ${table}`,
  )
  return (await database.query(`SELECT ${counts.join(', ')}`))[0]
}

test.each(Object.entries(MISPLACED))('%s is named, refused, and moved aside', async (what, make) => {
  const folder = await copy()
  const place = make(folder)
  const name = path.relative(path.join(folder, 'lake'), place)

  const status = await retail(folder, 'status --check')
  expect([status.code, status.stdout]).toEqual([6, expect.stringContaining(name)])
  expect(status.stdout).toContain('Next:  retail repair')
  const verified = await retail(folder, 'verify')
  expect([verified.code, verified.stdout]).toEqual([6, expect.stringContaining(name)])
  expect(verified.stdout).toContain('retail repair')
  if (REFUSED.some((words) => what.includes(words)))
    for (const line of ['stream --speed max --max-events 5', 'transform', 'seed-dims', 'backfill']) {
      const { code, stderr } = await retail(folder, line)
      expect([line, [2, 6]]).toEqual([line, expect.arrayContaining([code])])
      expect(stderr, line).toContain(name)
      expect(stderr, line).toContain('retail repair')
    }
  const dry = await json<Repaired>(folder, 'repair --dry-run')
  expect(dry.repaired.map(({ file }) => file)).toContain(name)

  const { code, repaired } = await json<Repaired>(folder, 'repair')
  expect(code).toBe(0)
  const aside = repaired.find(({ file }) => file === name)?.did.replace('moved aside to ', '') ?? ''
  expect(existsSync(aside), JSON.stringify(repaired)).toBe(true)
  expect(await json<Status>(folder, 'status')).toMatchObject({ code: 0, raw: END })
  expect(await json(folder, 'verify')).toMatchObject({ code: 0, ok: true, raw: END })
  expect(await rowsOf(folder)).toEqual({ transactions: 0n, inventories: 0n })
  expect(await json<Repaired>(folder, 'repair')).toMatchObject({ code: 0, repaired: [] })
})

describe('what is in the way of nobody', () => {
  test('a file that no reader of the lake reads stays where it is', async () => {
    const folder = await copy()
    for (const name of ['transactions/month=2024-01/.DS_Store', 'live/.DS_Store', 'notes.txt'])
      writeFileSync(path.join(folder, 'lake', name), 'of somebody')
    expect(await json(folder, 'verify')).toMatchObject({ code: 0, ok: true })
    expect(await json<Repaired>(folder, 'repair')).toMatchObject({ code: 0, repaired: [] })
  })
})

test.each(['product', 'store'])('the other dimension under the name of %s is named and made again', async (name) => {
  const folder = await copy()
  const other = name === 'product' ? 'store' : 'product'
  cpSync(path.join(folder, `lake/${other}/${other}.parquet`), path.join(folder, `lake/${name}/${name}.parquet`))
  const verified = await retail(folder, 'verify')
  expect([verified.code, verified.stdout]).toEqual([6, expect.stringContaining(`it contains ${other}`)])
  expect((await retail(folder, 'status')).stdout).toContain(`${name}/${name}.parquet: it contains ${other}`)
  expect(await json<Repaired>(folder, 'repair')).toMatchObject({
    code: 0,
    repaired: [{ file: `${name}/${name}.parquet` }],
  })
  expect(await json(folder, 'verify')).toMatchObject({ code: 0, ok: true })
})
