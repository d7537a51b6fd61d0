import { beforeAll, describe, expect, test } from 'vitest'
import { partHashes } from './lake-hash.ts'
import { json, retail, workspace, writeConfig } from './tool.ts'

const world = { stores: 20, products: 150, lines: 40, from: '2024-01-01', to: '2024-03-20' }
/** Parts that end before their month does are removed when the month is complete; whole months stay. */
const wholeMonths = /2024-0[12]/

describe('the bytes of every part are the same', () => {
  let reference: Record<string, string> = {}
  beforeAll(async () => {
    const folder = workspace(world, true)
    expect((await retail(folder, 'backfill --workers 1')).code).toBe(0)
    reference = partHashes(folder)
    expect(Object.keys(reference)).toHaveLength(8 * 3 * 2)
  })

  test.each([2, 4])('made by %i workers', async (workers) => {
    const folder = workspace(world)
    await retail(folder, `backfill --workers ${workers}`)
    expect(partHashes(folder)).toEqual(reference)
  })

  test('made by three shards, in any order', async () => {
    const folder = workspace(world)
    const done = []
    for (const shard of ['3/3', '1/3', '2/3']) {
      const { code, allShards } = await json<{ allShards: boolean }>(folder, `backfill --shard ${shard}`)
      done.push([code, allShards])
    }
    expect(done).toEqual([
      [0, false],
      [0, false],
      [0, true],
    ])
    expect(partHashes(folder)).toEqual(reference)
  })

  test.each([
    ['Pacific/Kiritimati', 'tr_TR.UTF-8'],
    ['America/Los_Angeles', 'C'],
    ['Asia/Kathmandu', 'ar_EG.UTF-8'],
  ])('on a machine in %s with locale %s', async (zone, locale) => {
    const folder = workspace(world)
    await retail(folder, 'backfill', { TZ: zone, LANG: locale, LC_ALL: locale })
    expect(partHashes(folder)).toEqual(reference)
  })

  test('in a run that is cut in two, and in one that is repeated', async () => {
    const folder = workspace(world)
    await retail(folder, 'backfill --to 2024-02-10')
    expect(await json(folder, 'backfill')).toMatchObject({ code: 0, complete: true })
    expect(await json(folder, 'backfill')).toMatchObject({ parts: { made: 0, remade: 0 }, rows: { transactions: 0 } })
    expect(partHashes(folder, /block-\d+(-through-20)?\.parquet/)).toEqual(reference)
  })

  test('in a longer history', async () => {
    const folder = workspace({ ...world, to: '2024-05-31' })
    await retail(folder, 'backfill')
    const whole = Object.entries(reference).filter(([key]) => wholeMonths.test(key))
    expect(partHashes(folder, wholeMonths)).toEqual(Object.fromEntries(whole))
  })

  test('while another seed changes them all', async () => {
    const folder = workspace({ ...world, seed: 43 })
    await retail(folder, 'backfill')
    const other = partHashes(folder)
    expect(Object.keys(other)).toEqual(Object.keys(reference))
    for (const [key, hash] of Object.entries(other)) expect(hash).not.toBe(reference[key])
  })
})

test('history made as parts and history made as a stream are the same rows', async () => {
  const [parts, live] = [workspace({ ...world, to: '2024-02-09' }), workspace({ ...world, to: '2024-01-15' })]
  await retail(parts, 'backfill')
  await retail(live, 'seed-dims')
  await retail(live, 'backfill')
  // Cut at odd moments, once inside an hour.
  await retail(live, 'stream --speed max --until 2024-01-20T13:37:11Z')
  await retail(live, 'stream --speed max --max-events 5000')
  expect(await json(live, 'stream --speed max --until 2024-02-10')).toMatchObject({
    code: 0,
    to: '2024-02-10T00:00:00Z',
  })
  expect(await rawSums(live)).toEqual(await rawSums(parts))

  // The month is over: its part takes the place of the live batches, and not a row changes.
  writeConfig(live, { ...world, to: '2024-02-09' })
  expect(await json(live, 'backfill')).toMatchObject({ code: 0, complete: true })
  expect(await rawSums(live)).toEqual(await rawSums(parts))
  expect(await json(live, 'verify')).toMatchObject({ code: 0, ok: true })
})

async function rawSums(folder: string): Promise<unknown> {
  const { openDatabase } = await import('../src/adapters/local/duckdb.ts')
  await using database = await openDatabase(`${folder}/retail.duckdb`, { readOnly: true })
  return [
    await database.query('SELECT count(*), sum(hash(t)) FROM raw.transactions t'),
    await database.query('SELECT count(*), sum(hash(t)) FROM raw.inventories t'),
  ]
}
