import path from 'node:path'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { FILE_FORMATS, facts } from '../tables/index.ts'
import { afterMicros, dayOf, firstDayOf, monthOf, parseDay, parseSecond } from '../time.ts'
import {
  batchFile,
  batchKey,
  batchKeys,
  isOfBatch,
  isOfFact,
  parseBatchKey,
  parsePartKey,
  partKey,
  rolledOf,
} from './layout.ts'

const month = fc.integer({ min: 2000 * 12, max: 2099 * 12 + 11 })
const second = fc
  .tuple(
    fc.integer({ min: dayOf(2000, 1, 1) * 86_400, max: dayOf(2100, 1, 1) * 86_400 - 1 }),
    fc.oneof(fc.constant(0), fc.nat(999_999)),
  )
  .map(([second, micros]) => afterMicros(second, micros))

describe('the name of a part', () => {
  test('says table, block, month and last day, and is read back', () => {
    const day = fc.integer({ min: 1, max: 31 })
    fc.assert(
      fc.property(
        fc.constantFrom(...facts),
        fc.nat(5000),
        month,
        day,
        fc.constantFrom(...FILE_FORMATS),
        fc.constantFrom('hive' as const, 'plain' as const),
        ({ name }, block, month, last, format, months) => {
          const through = Math.min(firstDayOf(month) + last, firstDayOf(month + 1)) - 1
          const key = partKey(name, block, month, through, { format, months })
          expect(parsePartKey(key, { format, months })).toEqual({ key, table: name, block, month, through })
          for (const other of FILE_FORMATS)
            if (other !== format) expect(parsePartKey(key, { format: other, months })).toBeUndefined()
          const form = months === 'hive' ? 'plain' : 'hive'
          expect(parsePartKey(key, { format, months: form })).toBeUndefined()
          expect(rolledOf(key)).toBeUndefined()
        },
      ),
    )
  })

  test('is plain for a whole month', () => {
    const through = (day: string) => partKey('inventories', 3, monthOf(parseDay(day)!), parseDay(day)!)
    expect(through('2024-02-29')).toBe('inventories/month=2024-02/block-003.parquet')
    expect(through('2024-02-15')).toBe('inventories/month=2024-02/block-003-through-15.parquet')
  })

  test.each([
    'product/month=2024-01/block-001.parquet',
    'transactions/2024-01/block-001.parquet',
    'transactions/month=2024-13/block-001.parquet',
    'transactions/month=2024-01/block-1.parquet',
    'transactions/month=2024-01/block-001.parquet.tmp',
    'transactions/month=2024-02/block-001-through-30.parquet',
    'transactions/month=2024-02/block-001-through-29.parquet',
    'transactions/month=2024-02/block-001-through-00.parquet',
    'transactions/month=2024-02/block-0001.parquet',
  ])('is no other: %s', (key) => expect(parsePartKey(key)).toBeUndefined())
})

describe('the name of a batch', () => {
  test('says generation and position, and is read back', () => {
    const generation = fc.option(fc.integer({ min: 1, max: 999_999 }), { nil: undefined })
    fc.assert(
      fc.property(generation, second, second, (generation, a, b) => {
        const [from, to] = [Math.min(a, b), Math.max(a, b)]
        const key = batchKey(generation, from, to)
        expect(parseBatchKey(key)).toEqual({ key, from, to, generation })
      }),
    )
  })

  test('is its position', () => {
    const at = (text: string) => parseSecond(text)!
    expect(batchKey(3, at('2024-04-01'), at('2024-04-01T00:00:05'))).toBe(
      'live/000003/20240401T000000Z-20240401T000005Z',
    )
    expect(batchKey(3, at('2024-04-01'), at('2024-04-01T00:00:05.25Z'))).toBe(
      'live/000003/20240401T000000Z-20240401T000005.250000Z',
    )
    expect(batchKey(undefined, at('2024-04-01'), at('2024-04-02'))).toBe('rolled/20240401T000000Z-20240402T000000Z')
  })

  test('leads to its files: a rolled batch lies among the parts of its month', () => {
    fc.assert(
      fc.property(second, second, fc.constantFrom(...facts), (a, b, { name }) => {
        const [from, to] = [Math.min(a, b), Math.max(a, b)]
        const rolled = { key: batchKey(undefined, from, to), from, to, generation: undefined }
        const file = batchFile(rolled, name)
        expect(path.dirname(file)).toBe(
          path.dirname(partKey(name, 0, monthOf(Math.floor(from / 86_400)), Math.floor(from / 86_400))),
        )
        expect(rolledOf(file)).toEqual(rolled)
        expect([isOfBatch(file), isOfFact(file), parsePartKey(file)]).toEqual([true, false, undefined])
        const live = { ...rolled, key: batchKey(3, from, to), generation: 3 }
        expect([batchFile(live, name), batchKeys(live)]).toEqual([`${live.key}/${name}.parquet`, [live.key]])
      }),
    )
  })

  test.each([
    'live/3/20240401T000000Z-20240401T000005Z',
    'live/20240401T000000Z-20240401T000005Z',
    'rolled/20240401T000000Z',
    'live/000003/20240401T000000.000000Z-20240401T000005Z',
    'live/000003/20240401T000000Z-20240401T000005.25Z',
    'live/000003/20240401T000000.250001Z-20240401T000000.25Z',
    'rolled/20240431T000000Z-20240501T000005Z',
    'rolled/20240401T000005Z-20240401T000000Z',
    'rolled/20240401T000000Z-20240401T000005Z.tmp',
  ])('is no other: %s', (key) => expect(parseBatchKey(key)).toBeUndefined())
})
