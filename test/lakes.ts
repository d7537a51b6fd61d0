import type { LakeBatch, LakeLayout, Part } from '../src/ports/lake.ts'
import { batchKey, partKey } from '../src/ports/layout.ts'
import { byDimension, facts } from '../src/tables/index.ts'
import { firstDayOf, monthOf, parseDay } from '../src/time.ts'

export const FROM = parseDay('2024-01-20')!
export const START = FROM * 86_400
export const BLOCKS = 3

export const batch = (generation: number | undefined, from: number, to: number): LakeBatch => ({
  key: batchKey(generation, from, to),
  from,
  to,
  generation,
})

export const partsThrough = (last: number, without = -1): Part[] =>
  facts.flatMap(({ name }) => {
    const parts: Part[] = []
    for (let month = monthOf(FROM); month <= monthOf(last); month++) {
      const through = Math.min(last, firstDayOf(month + 1) - 1)
      for (let block = 0; block < BLOCKS; block++)
        if (!(block === without && month === monthOf(last)))
          parts.push({ key: partKey(name, block, month, through), table: name, block, month, through, sizeBytes: 1 })
    }
    return parts
  })

/** A lake holds a name once. */
const once = <T extends { key: string }>(all: T[]): T[] => [...new Map(all.map((one) => [one.key, one])).values()]

export const layoutOf = (parts: Part[], live: LakeBatch[] = [], rolled: LakeBatch[] = []): LakeLayout => ({
  parts: once(parts),
  live: once(live),
  rolled: once(rolled),
  generation: live.reduce((n, { generation }) => Math.max(n, generation ?? 0), 0),
  dimensions: byDimension((name) => name === 'product' || name === 'store'),
})
