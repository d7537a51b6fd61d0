import type { ColumnBatch } from '../simulator/column-batch.ts'
import {
  type ArrayName,
  type ArrayOf,
  type ByKind,
  compile,
  type FactName,
  factColumns,
  tables,
} from '../tables/index.ts'
import { type Day, formatDay, SECONDS_PER_DAY, type Second } from '../time.ts'
import type { World } from '../world/world.ts'
import { causeText, memberText } from './facts.ts'
import { idOf } from './ids.ts'

/** The place of a row: its index in the batch, its number, store, and day. */
export interface RowAt {
  row: number
  number: number
  store: number
  day: Day
}
type CellText = (at: RowAt) => string
export type Cells = Record<string, ArrayOf[ArrayName]>

/** How to print each kind of column: one cell of one row. Slow and simple; the fast encoders are tested against it. */
const TEXTS: ByKind<[world: World, cells: () => Cells], CellText> = {
  rowId:
    ({ letter }, { ids }) =>
    (at) =>
      idOf(letter, at.day, at.store, at.number, ids),
  siblingId:
    ({ letter, cells: [{ name }] }, { ids }, cells) =>
    (at) =>
      idOf(letter, at.day, at.store, cells()[name][at.row], ids),
  member: ({ references, cells: [{ name }] }, world, cells) => {
    const text = memberText(world, references)
    return (at) => text(cells()[name][at.row])
  },
  optionalMember: ({ references, cells: [{ name }] }, world, cells) => {
    const text = memberText(world, references)
    return (at) => {
      const code = cells()[name][at.row]
      return code === 0 ? '' : text(code - 1)
    }
  },
  spanMember: ({ references }, world) => {
    const text = memberText(world, references)
    return (at) => text(at.store)
  },
  instant:
    ({ cells: [{ name }] }, _, cells) =>
    (at) => {
      // The clock of a store may be wrong: then the time lies on another day.
      const second = cells()[name][at.row]
      const days = Math.floor(second / SECONDS_PER_DAY)
      return `${formatDay(at.day + days)} ${clock(second - days * SECONDS_PER_DAY)}`
    },
  whole:
    ({ cells: [{ name }] }, _, cells) =>
    (at) =>
      String(cells()[name][at.row]),
  money:
    ({ list, cells: [{ name }] }, { products }, cells) =>
    (at) =>
      dollars(products[list][cells()[name][at.row]]),
  choice:
    ({ names, cells: [{ name }] }, _, cells) =>
    (at) =>
      names[cells()[name][at.row]],
  cause: (column, { ids }, cells) => {
    const { by, cells: of } = column
    return ({ row, store }) =>
      causeText(column, cells()[by][row], cells()[of[0].name][row], store, cells()[of[1].name][row], ids)
  },
}

const two = (n: number) => (n < 10 ? `0${n}` : String(n))
const clock = (second: number) =>
  `${two(Math.floor(second / 3600))}:${two(Math.floor(second / 60) % 60)}:${two(second % 60)}`

export const dollars = (cents: number): string => `${Math.trunc(cents / 100)}.${two(Math.abs(cents % 100))}`

/** The rows of a fact as text, in the order of the batch. */
export function* textsOf(
  world: World,
  table: FactName,
  batch: Pick<ColumnBatch, 'facts' | 'spans'>,
): Generator<{ store: number; second: Second; texts: string[] }> {
  const { rows, length, first } = batch.facts[table]
  const textsAt = rowTexts(world, table, rows as unknown as Cells)
  const { spans } = batch
  const at: RowAt = { row: 0, number: 0, store: 0, day: 0 }
  for (let span = 0; span < spans.n; span++) {
    at.store = spans.store[span]
    at.day = spans.day[span]
    at.number = first[span]
    for (const until = at.row + length[span]; at.row < until; at.row++, at.number++)
      yield { store: at.store, second: at.day * SECONDS_PER_DAY + rows.second[at.row], texts: textsAt(at) }
  }
}

/** The texts of one row's columns. */
export function rowTexts(world: World, table: FactName, cells: Cells): (at: RowAt) => string[] {
  const texts = columnsIn(world, table).map(([, column]) => compile(TEXTS, column, world, () => cells))
  return (at) => texts.map((text) => text(at))
}

const columnsIn = (world: World, table: FactName) => factColumns(tables[table], world.schema)
