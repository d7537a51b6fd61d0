import { type FactName, factColumns, tables } from '../tables/index.ts'
import type { World } from '../world/world.ts'
import type { Fates } from './fates.ts'

type Cells = Record<string, Int32Array>

/** Makes a row that of the changed copy, and back. */
export interface Change {
  apply(cells: Cells, row: number, key: number): void
  undo(cells: Cells, row: number, key: number): void
}

/** What a changed copy, or a mistaken one, changes: its amount of money, otherwise its first whole number. */
export function changeOf(world: World, fates: Fates, name: FactName): Change {
  const columns = factColumns(tables[name], world.schema).map(([, column]) => column)
  for (const column of columns) {
    if (column.kind !== 'money' || world.products[column.list].length < 2) continue
    const [{ name: cell }] = column.cells
    const prices = world.products[column.list].length
    const by = (key: number) => 1 + fates.choose('change', key, prices - 1)
    return {
      apply: (cells, row, key) => void (cells[cell][row] = (cells[cell][row] + by(key)) % prices),
      undo: (cells, row, key) => void (cells[cell][row] = (cells[cell][row] + prices - by(key)) % prices),
    }
  }
  for (const column of columns) {
    if (column.kind !== 'whole') continue
    const [{ name: cell }] = column.cells
    return {
      apply: (cells, row) => void (cells[cell][row] += cells[cell][row] < 0 ? -1 : 1),
      // No row is 0 after a change.
      undo: (cells, row) => void (cells[cell][row] += cells[cell][row] < 0 ? 1 : -1),
    }
  }
  throw new Error(`no column of ${name} can change`)
}
