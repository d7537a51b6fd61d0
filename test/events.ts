import { beginBlock, simulateDays } from '../src/simulator/block.ts'
import { ColumnBatch } from '../src/simulator/column-batch.ts'
import { columnsOf, type FactName, facts, tables } from '../src/tables/index.ts'
import { SECONDS_PER_DAY, type Second } from '../src/time.ts'
import { plainRows } from '../src/truth/rows.ts'
import type { World } from '../src/world/world.ts'

/** An event as it arrived at a destination, all values as text. */
export interface Received {
  table: FactName
  row: Record<string, string>
}

/** The events of [from, until), as backfill would write them; slow and simple. */
export function expectedEvents(world: World, from: Second, until: Second): Received[] {
  const all: Received[] = []
  for (const block of world.blocks) {
    const batch = new ColumnBatch(world.schema === 'extended')
    simulateDays(world, beginBlock(world, block), Math.ceil(until / SECONDS_PER_DAY), batch)
    for (const { name } of facts)
      for (const { second, row } of plainRows(world, name, batch))
        if (second >= from && second < until) all.push({ table: name, row })
  }
  return all
}

/** A line of JSON of either table, whose values have the form of `expectedEvents`. */
export function receivedOf(line: string, table?: FactName): Received {
  const said = JSON.parse(line) as Record<string, string | number | null>
  const name = table ?? facts.find((fact) => Object.keys(fact.columns)[0] in said)!.name
  const values = Object.entries(said).map(([column, value]) => [column, plainText(name, column, value ?? '')])
  return { table: name, row: Object.fromEntries(values) }
}

function plainText(table: FactName, column: string, value: string | number): string {
  if (value === '') return value
  const { type } = Object.fromEntries(columnsOf(tables[table], 'extended'))[column]
  if (type === 'money') return Number(value).toFixed(2)
  return type === 'timestamp' ? String(value).replace('T', ' ').replace('Z', '') : String(value)
}
