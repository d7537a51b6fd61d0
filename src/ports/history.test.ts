import { describe, expect, test } from 'vitest'
import { BLOCKS, FROM, layoutOf, partsThrough } from '../../test/lakes.ts'
import { firstDayOf, monthOf } from '../time.ts'
import { coverOf } from './cover.ts'
import type { Part } from './lake.ts'

describe('history', () => {
  const historyOf = (parts: Part[]) => coverOf(layoutOf(parts), FROM, BLOCKS).history / 86_400 - FROM

  test('of an empty lake is none, and ends where every block of both tables ends', () => {
    expect(historyOf([])).toBe(0)
    expect(historyOf(partsThrough(FROM + 60))).toBe(61)
    expect(historyOf(partsThrough(FROM + 60, 1))).toBe(firstDayOf(monthOf(FROM + 60)) - FROM)
    expect(historyOf(partsThrough(FROM + 60).filter(({ table }) => table === 'transactions'))).toBe(0)
  })

  test('takes the part that goes further, and reads a longer block only as far as all go', () => {
    const [short, long] = [partsThrough(FROM + 20), partsThrough(FROM + 25)]
    const mixed = [...short, ...long.filter(({ block }) => block !== 2)]
    const cover = coverOf(layoutOf(mixed), FROM, BLOCKS)
    expect(cover.history).toBe((FROM + 21) * 86_400)
    expect(cover.longParts.map(({ block, table }) => `${table} ${block}`)).toEqual([
      'inventories 0',
      'inventories 1',
      'transactions 0',
      'transactions 1',
    ])
    expect(cover.superseded.parts).toHaveLength(4)
    expect(coverOf(layoutOf([...short, ...long]), FROM, BLOCKS).superseded.parts).toHaveLength(6)
  })
})
