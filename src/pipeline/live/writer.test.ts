import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { freshFolder } from '../../../test/front-door.ts'
import { shopConfig } from '../../../test/worlds.ts'
import { folderLake } from '../../adapters/local/folder-lake.ts'
import { folderWorkspace } from '../../adapters/local/folder-workspace.ts'
import { configSchema } from '../../config/schema.ts'
import type { Lake, LakeBatch, LiveByLake, Ports, Warehouse } from '../../ports/index.ts'
import { batchKey } from '../../ports/layout.ts'
import { ColumnBatch } from '../../simulator/column-batch.ts'
import { buildWorld } from '../../world/world.ts'
import { writeBatch } from './batches.ts'
import { coverWorld } from './layout.ts'
import { groupsToRoll, LiveWriter } from './writer.ts'

const DAY = 86_400

/** Batches one after the other, none across a midnight, some of them rolled already. */
const timeline = fc
  .array(fc.record({ seconds: fc.integer({ min: 1, max: 40_000 }), rolled: fc.boolean() }), {
    minLength: 1,
    maxLength: 60,
  })
  .map((lengths) => {
    let at = 19_800 * DAY + 5000
    return lengths.map(({ seconds, rolled }): LakeBatch => {
      const from = at
      at = Math.min(from + seconds, (Math.floor(from / DAY) + 1) * DAY)
      const generation = rolled ? undefined : 4
      return { key: batchKey(generation, from, at), from, to: at, generation }
    })
  })

describe('what is rolled together', () => {
  test('is of one UTC day, without a gap, two batches or more, each once', () => {
    fc.assert(
      fc.property(timeline, (batches) => {
        const groups = groupsToRoll(batches)
        for (const group of groups) {
          expect(group.length > 1 || group[0].generation !== undefined).toBe(true)
          expect(Math.floor((group[group.length - 1].to - 1) / DAY)).toBe(Math.floor(group[0].from / DAY))
          for (let i = 1; i < group.length; i++) expect(group[i].from).toBe(group[i - 1].to)
        }
        const rolled = groups.flat()
        expect(new Set(rolled).size).toBe(rolled.length)
      }),
    )
  })

  test('leaves one file of each day that is over', () => {
    fc.assert(
      fc.property(timeline, (batches) => {
        const dayOf = ({ from }: LakeBatch) => Math.floor(from / DAY)
        const grouped = new Set(groupsToRoll(batches).flat())
        for (const day of new Set(batches.map(dayOf))) {
          const all = batches.filter((batch) => dayOf(batch) === day)
          if (day < dayOf(batches[batches.length - 1]) && all.length > 1)
            expect(all.every((batch) => grouped.has(batch))).toBe(true)
        }
      }),
    )
  })

  test('is nothing when there is nothing', () => expect(groupsToRoll([])).toEqual([]))
})

describe('a live writer', () => {
  const config = { ...configSchema.parse({ ...shopConfig({ stores: 1, products: 10 }), local: {} }), workspace: '' }
  const world = buildWorld(config)
  const start = world.from * DAY
  const turn = () => new Promise(setImmediate)

  /** A folder that answers late, as a bucket does. */
  const late = (lake: Lake): Lake => ({
    ...lake,
    async layout() {
      await turn()
      return lake.layout()
    },
    async putFolder(...args) {
      await turn()
      await lake.putFolder(...args)
      await turn()
    },
  })

  test('loses nothing that is delivered while it rolls and begins a generation, however late the lake answers', async () => {
    const folder = freshFolder()
    const lake = late(folderLake(folder))
    const warehouse = { publish: turn, published: async () => undefined } as unknown as Warehouse
    const live: LiveByLake = {
      by: 'lake',
      async roll(batches) {
        await writeBatch(lake, world, undefined, batches[0].from, batches[batches.length - 1].to, undefined)
      },
    }
    const ports = { lake, warehouse, workspace: folderWorkspace(`${folder}/.retail`) } as unknown as Ports
    const writer = await LiveWriter.open(ports, live, world, 3)
    expect(writer.position).toBe(start)
    for (let i = 1; i <= 30; i++) {
      await writer.write(start + i * 60, new ColumnBatch(false))
      const { gaps, live } = coverWorld(await lake.layout(), world)
      expect({ gaps, live }).toEqual({ gaps: [], live: start + i * 60 })
    }
    await writer.close()
    const { rolled, generation } = await lake.layout()
    expect(rolled.length).toBeGreaterThan(1)
    expect(generation).toBeGreaterThan(2)
    // Also what was delivered after the last roll.
    const { batches, open } = coverWorld(await lake.layout(), world)
    expect([...batches, ...open].filter(({ from, to, generation }) => to > from && generation !== undefined)).toEqual(
      [],
    )
    // A stream that delivers nothing rolls nothing.
    await (await LiveWriter.open(ports, live, world, 3)).close()
    expect((await lake.layout()).generation).toBe(generation + 1)
  })

  test('says what went wrong behind it', async () => {
    const folder = freshFolder()
    const warehouse = { publish: async () => {}, published: async () => undefined } as unknown as Warehouse
    const live: LiveByLake = { by: 'lake', roll: () => Promise.reject(new Error('no space')) }
    const ports = {
      lake: folderLake(folder),
      warehouse,
      workspace: folderWorkspace(`${folder}/.retail`),
    } as unknown as Ports
    const writer = await LiveWriter.open(ports, live, world, 2)
    for (let i = 1; i <= 2; i++) await writer.write(start + i, new ColumnBatch(false))
    await expect(writer.close()).rejects.toThrow('no space')
  })
})
