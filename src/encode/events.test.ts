import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { anySpans, batchOf, shopWorld } from '../../test/worlds.ts'
import { plainRows } from '../truth/rows.ts'
import { eventsOf } from './events.ts'

test.each(['strict', 'extended'] as const)('an event of a %s world says what the row says', (schema) => {
  const world = shopWorld({ stores: 9, schema })
  fc.assert(
    fc.property(anySpans(world), (spans) => {
      const batch = batchOf(world, spans)
      for (const table of ['transactions', 'inventories'] as const) {
        const rows = [...plainRows(world, table, batch)].map(({ row }) => row)
        const events = [...eventsOf(world, table, batch)]
        expect(events.map(({ id }) => id)).toEqual(rows.map((row) => Object.values(row)[0]))
        const said = events.map(({ data }) => JSON.parse(data) as Record<string, string | number | null>)
        expect(said.map((row) => Object.keys(row))).toEqual(rows.map((row) => Object.keys(row)))
        const text = (value: string | number | null, column: string) =>
          column === 'timestamp' ? String(value).replace('T', ' ').replace('Z', '') : String(value ?? '')
        for (const [i, row] of said.entries())
          expect(Object.fromEntries(Object.entries(row).map(([c, v]) => [c, text(v, c)]))).toEqual(rows[i])
      }
    }),
    { numRuns: 50 },
  )
})
