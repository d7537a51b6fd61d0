import { describe, expect, test } from 'vitest'
import { byDimension } from '../tables/index.ts'
import type { ByteSink, Lake, LakeIdentity } from './lake.ts'
import { batchKey, dimensionKey, LAKE_FORM, partKey } from './layout.ts'

export interface LakeUnderTest {
  /** Opens an empty lake; the test that opens it removes it. */
  open(): Promise<Lake>
  /** Leaves behind what a writer leaves that dies in the middle of a part and a batch. */
  litter(lake: Lake): Promise<void>
  /** Puts a foreign file into the folders of parts and batches. */
  putStray(lake: Lake, key: string): Promise<void>
}

const write = (text: string) => (sink: ByteSink) =>
  sink.write([Buffer.from(text.slice(0, 2)), Buffer.from(text.slice(2))])
const breakOff = (sink: ByteSink) => {
  sink.write([Buffer.from('half')])
  throw new Error('the pen broke')
}
const partOf = (lake: Lake) => partKey('transactions', 0, 2024 * 12, 19_753, lake)
const BATCH = batchKey(2, 1_711_929_600, 1_711_929_605)
const identity = (world: string): LakeIdentity => ({
  world,
  generator: '1',
  seed: 42,
  historyFrom: '2024-01-01',
  blocks: 8,
  format: LAKE_FORM,
  config: {},
})

/** The promises of every lake (lake.ts). */
export function lakeContract(name: string, { open, litter, putStray }: LakeUnderTest): void {
  describe(`${name}: a lake`, () => {
    test('is empty before anything was put into it', async () => {
      const lake = await open()
      expect(await lake.layout()).toEqual({
        parts: [],
        rolled: [],
        live: [],
        generation: 0,
        dimensions: byDimension(() => false),
      })
      expect(await lake.identity()).toBeUndefined()
      await lake.sweep()
    })

    test('reports a missing object as missing', async () => {
      const lake = await open()
      await expect(lake.read(dimensionKey('product', lake))).rejects.toMatchObject({ code: 'ENOENT' })
    })

    test('keeps a part as it was written, and lists it by what its name says', async () => {
      const lake = await open()
      expect(await lake.put(partOf(lake), write('rows of January'))).toBe(15)
      expect(String(await lake.read(partOf(lake)))).toBe('rows of January')
      for (const [most, end] of [
        [7, 'January'],
        [99, 'rows of January'],
      ] as const)
        expect(String(await lake.readEnd(partOf(lake), most))).toBe(end)
      await expect(lake.readEnd(dimensionKey('product', lake), 7)).rejects.toMatchObject({ code: 'ENOENT' })
      expect((await lake.layout()).parts).toEqual([
        { key: partOf(lake), table: 'transactions', block: 0, month: 24_288, through: 19_753, sizeBytes: 15 },
      ])
    })

    test('knows when its dimensions are there', async () => {
      const lake = await open()
      await lake.put(dimensionKey('store', lake), write('stores'))
      expect((await lake.layout()).dimensions).toEqual(byDimension((name) => name === 'store'))
    })

    test('shows nothing of a part whose writer fails, and keeps the one that was there', async () => {
      const lake = await open()
      await expect(lake.put(partOf(lake), breakOff)).rejects.toThrow('the pen broke')
      expect((await lake.layout()).parts).toEqual([])
      await lake.put(partOf(lake), write('whole'))
      await expect(lake.put(partOf(lake), breakOff)).rejects.toThrow('the pen broke')
      expect(String(await lake.read(partOf(lake)))).toBe('whole')
    })

    test('takes two parts at once, shows each when it is committed, and nothing of one that is discarded', async () => {
      const lake = await open()
      const [first, second, third] = [0, 1, 2].map((block) => partKey('transactions', block, 2024 * 12, 19_753, lake))
      const drafts = [first, second, third].map((key) => lake.draft(key))
      for (const text of ['ro', 'ws'])
        for (const [i, draft] of drafts.entries()) draft.write([Buffer.from(text), Buffer.from(`${i}`)])
      expect((await lake.layout()).parts).toEqual([])
      drafts[1].discard()
      expect(await drafts[2].commit()).toBe(6)
      expect((await lake.layout()).parts.map(({ key }) => key)).toEqual([third])
      await drafts[0].commit()
      expect(String(await lake.read(first))).toBe('ro0ws0')
      expect((await lake.layout()).parts.map(({ key }) => key).sort()).toEqual([first, third])
    })

    test('replaces a part that is made again', async () => {
      const lake = await open()
      await lake.put(partOf(lake), write('damaged'))
      await lake.put(partOf(lake), write('whole'))
      expect(String(await lake.read(partOf(lake)))).toBe('whole')
      expect((await lake.layout()).parts).toHaveLength(1)
    })

    test('shows both tables of a batch in one step', async () => {
      const lake = await open()
      const seen: Promise<number>[] = []
      const countBatches = (text: string) => (sink: ByteSink) => {
        seen.push(lake.layout().then(({ live }) => live.length))
        write(text)(sink)
      }
      await lake.putFolder(BATCH, {
        'transactions.parquet': countBatches('lines'),
        'inventories.parquet': countBatches('moves'),
      })
      expect(await Promise.all(seen)).toEqual([0, 0])
      expect(await lake.layout()).toMatchObject({
        generation: 2,
        live: [{ key: BATCH, generation: 2, from: 1_711_929_600, to: 1_711_929_605 }],
      })
      expect(String(await lake.read(`${BATCH}/transactions.parquet`))).toBe('lines')
      expect(String(await lake.read(`${BATCH}/inventories.parquet`))).toBe('moves')
    })

    test('shows nothing of a batch whose second table fails', async () => {
      const lake = await open()
      const files = { 'transactions.parquet': write('lines'), 'inventories.parquet': breakOff }
      await expect(lake.putFolder(BATCH, files)).rejects.toThrow('the pen broke')
      expect(await lake.layout()).toMatchObject({ live: [], generation: 0 })
      await lake.putFolder(BATCH, { ...files, 'inventories.parquet': write('moves') })
      expect((await lake.layout()).live).toHaveLength(1)
    })

    test('keeps a batch that is delivered again under its name as it was', async () => {
      const lake = await open()
      const files = { 'transactions.parquet': write('lines'), 'inventories.parquet': write('moves') }
      await lake.putFolder(BATCH, files)
      await lake.putFolder(BATCH, files)
      expect((await lake.layout()).live).toHaveLength(1)
      expect(String(await lake.read(`${BATCH}/transactions.parquet`))).toBe('lines')
    })

    test('keeps the identity of its first writer', async () => {
      const lake = await open()
      expect(await lake.identify(identity('ours'))).toEqual(identity('ours'))
      expect(await lake.identify(identity('theirs'))).toEqual(identity('ours'))
      expect(await lake.identity()).toEqual(identity('ours'))
    })

    test('is not read by a version that does not know its form', async () => {
      const lake = await open()
      await lake.identify({ ...identity('ours'), format: 99 })
      await expect(lake.identity()).rejects.toMatchObject({
        code: 'foreign_world',
        message: expect.stringContaining('newer version'),
      })
    })

    test('of an older form is refused', async () => {
      const lake = await open()
      await lake.identify({ ...identity('ours'), format: LAKE_FORM - 1 })
      await expect(lake.identity()).rejects.toMatchObject({
        code: 'foreign_world',
        message: expect.stringContaining('older version'),
      })
    })

    test('removes parts and batches whole, and what is not there without a word', async () => {
      const lake = await open()
      await lake.put(partOf(lake), write('rows'))
      await lake.putFolder(BATCH, { 'transactions.parquet': write('lines') })
      for (let i = 0; i < 2; i++) await lake.remove([partOf(lake), BATCH, 'rolled/never'])
      expect(await lake.layout()).toMatchObject({ parts: [], live: [] })
      await expect(lake.read(`${BATCH}/transactions.parquet`)).rejects.toThrow()
    })

    test('clears away what a dead writer left, and nothing else', async () => {
      const lake = await open()
      await lake.put(partOf(lake), write('rows'))
      await litter(lake)
      expect(await lake.layout()).toMatchObject({ parts: [{ key: partOf(lake) }], live: [], rolled: [] })
      await lake.sweep()
      expect(await lake.layout()).toMatchObject({ parts: [{ key: partOf(lake) }], live: [], rolled: [] })
    })

    test('does not take what others put there for its own', async () => {
      const lake = await open()
      for (const key of [
        'transactions/notes.txt',
        'transactions/month=2024-01/copy of block-000.parquet',
        'live/000001/.DS_Store',
        'rolled/readme',
        'other/month=2024-01/block-000.parquet',
      ])
        await putStray(lake, key)
      const { strays: _, ...layout } = await lake.layout()
      expect(layout).toEqual({
        parts: [],
        rolled: [],
        live: [],
        generation: 0,
        dimensions: byDimension(() => false),
      })
    })
  })
}
