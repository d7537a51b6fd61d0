import { textsOf } from '../encode/cells.ts'
import { beginBlock, simulateDays } from '../simulator/block.ts'
import { ColumnBatch } from '../simulator/column-batch.ts'
import { endBefore } from '../simulator/within-second.ts'
import { columnsOf, type FactName, indexOfFact, tables } from '../tables/index.ts'
import { type Day, formatSecond, SECONDS_PER_DAY, type Second } from '../time.ts'
import type { World } from '../world/world.ts'

/** One row as text, keyed by column, for people to compare. Money is in dollars. */
export type PlainRow = Record<string, string>

/** Rows of one table and day, by store number − 1, for the requested stores. */
export function rowsOfDay(
  world: World,
  table: FactName,
  day: Day,
  stores: readonly number[],
  before: Second,
): Map<number, PlainRow[]> {
  const wanted = new Set(stores)
  const result = new Map<number, PlainRow[]>(stores.map((store) => [store, []]))
  for (const block of world.blocks) {
    if (!stores.some((store) => store >= block.lo && store < block.hi)) continue
    const cursor = beginBlock(world, block)
    const batch = new ColumnBatch(world.schema === 'extended')
    simulateDays(world, cursor, day, batch, () => batch.clear())
    simulateDays(world, cursor, day + 1, batch)
    const counted = rowsBefore(world, batch, table, before)
    for (const { store, row } of plainRows(world, table, batch))
      if (counted.next().value && wanted.has(store)) result.get(store)!.push(row)
  }
  return result
}

/** For each row of a fact, in order: whether it happens before an instant. */
function* rowsBefore(
  { stores }: World,
  { spans, facts: all }: ColumnBatch,
  table: FactName,
  before: Second,
): Generator<boolean> {
  const { rows, length } = all[table]
  const of = { stores: stores.count, fact: indexOfFact(table) }
  for (let span = 0, from = 0; span < spans.n; from += length[span++]) {
    const [store, end] = [spans.store[span], from + length[span]]
    const midnight = spans.day[span] * SECONDS_PER_DAY
    const to = endBefore(rows.second, { ...of, from, end, store, midnight }, before)
    for (let row = from; row < end; row++) yield row < to
  }
}

/** A batch's rows as text. Slow and simple: for a few stores and days. */
export function* plainRows(
  world: World,
  table: FactName,
  batch: ColumnBatch,
): Generator<{ store: number; second: Second; row: PlainRow }> {
  const names = columnsOf(tables[table], world.schema).map(([name]) => name)
  for (const { store, second, texts } of textsOf(world, table, batch))
    yield { store, second, row: Object.fromEntries(names.map((name, i) => [name, texts[i]])) }
}

export { dollars } from '../encode/cells.ts'
/** In DuckDB's format of a timestamp. */
export const plainSecond = (second: Second): string => formatSecond(second).replace('T', ' ').replace('Z', '')
