import { type FactColumn, type FactName, factColumns, tables } from '../tables/index.ts'
import type { World } from '../world/world.ts'

interface Column {
  name: string
  column: FactColumn
  /** The index of its first integer. */
  first: number
}

/** A change of a stock has either sign. */
const isChange = (column: FactColumn): boolean => column.kind === 'whole' && column.least < 0

/** Whether the rows of a fact add up to stocks. */
export const holdsMovements = (table: FactName): boolean =>
  factColumns(tables[table], 'strict').some(([, column]) => isChange(column))

/** An item whose stock is not what the events add up to. */
export interface OpenItem {
  store: number
  product: number
  by: number
}

/**
 * What the differences of a table of movements change in the stock of each product in each store: the ledger closes if
 * they change nothing.
 */
export class Ledger {
  private readonly world: World
  private readonly product: Column | undefined
  private readonly store: Column | undefined
  private readonly change: Column | undefined
  private readonly offset: number
  private readonly net = new Map<string, OpenItem>()

  constructor(world: World, columns: readonly Column[]) {
    this.world = world
    this.product = columns.find(({ column }) => column.kind === 'member' && column.references === 'product')
    this.store = columns.find(({ column }) => column.kind === 'spanMember')
    this.change = columns.find(({ column }) => isChange(column))
    const record = this.change?.column
    this.offset = record?.kind === 'whole' ? -record.least : 0
  }

  /** Whether the table is one of movements, with all columns that make up a stock. */
  get counts(): boolean {
    return this.product !== undefined && this.store !== undefined && this.change !== undefined
  }

  add(integers: readonly (number | null)[], times: number): void {
    const { product, store, change, world } = this
    if (!product || !store || !change) return
    const at = (column: Column, digits: number) => (integers[column.first] ?? 0) - 10 ** digits
    const item = { store: at(store, world.ids.store), product: at(product, world.ids.product) }
    const by = ((integers[change.first] ?? this.offset) - this.offset) * times
    const key = `${item.store} ${item.product}`
    const known = this.net.get(key)
    if (known) known.by += by
    else this.net.set(key, { ...item, by })
  }

  open(): OpenItem[] {
    return [...this.net.values()].filter(({ by }) => by !== 0)
  }
}
