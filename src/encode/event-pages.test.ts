import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { anyShop, rowsOfDays, shopWorld } from '../../test/worlds.ts'
import { facts } from '../tables/index.ts'
import { plainRows } from '../truth/rows.ts'
import { pagesOf } from './event-pages.ts'
import { eventsOf } from './events.ts'

const names = facts.map(({ name }) => name)

test('the pages of any shop have its events by second, store, table, and number', () => {
  fc.assert(
    fc.property(anyShop, (shop) => {
      const world = shopWorld(shop)
      // One block, as on the timeline: a block's hours are simulated one after another.
      const batch = rowsOfDays(world, 1, world.blocks.slice(0, 1))
      const expected = names.flatMap((name, table) => {
        const lines = [...eventsOf(world, name, batch)].map(({ data }) => data)
        return [...plainRows(world, name, batch)].map(({ store, second }, i) => ({
          store,
          second,
          table,
          line: lines[i],
        }))
      })
      expected.sort(
        (a, b) => a.second - b.second || a.store - b.store || a.table - b.table || (a.line < b.line ? -1 : 1),
      )
      const found = []
      for (const { n, bytes, starts, tables, stores } of pagesOf(world, batch, 'event', names))
        for (let i = 0; i < n; i++) {
          const line = Buffer.from(bytes.subarray(starts[i], starts[i + 1] - 1)).toString()
          found.push({ store: stores[i], table: tables[i], line })
        }
      expect(found).toEqual(expected.map(({ store, table, line }) => ({ store, table, line })))
    }),
    { numRuns: 25 },
  )
})

test.each(names)('the pages of %s alone have no other rows, in any form', (name) => {
  const world = shopWorld({ stores: 5, lines: 80 })
  const batch = rowsOfDays(world, 1)
  const { n } = batch.facts[name].rows
  for (const form of ['csv', 'ndjson', 'event'] as const) {
    let lines = 0
    for (const page of pagesOf(world, batch, form, [name])) {
      lines += Buffer.from(page.bytes).toString().split('\n').length - 1
      expect([...page.tables.subarray(0, page.n)]).not.toContain(1 - names.indexOf(name))
    }
    expect(lines).toBe(n)
  }
})
