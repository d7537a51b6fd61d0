import { beginBlock, simulateDays } from '../../simulator/block.ts'
import { ColumnBatch } from '../../simulator/column-batch.ts'
import { endBefore } from '../../simulator/within-second.ts'
import { facts, tables } from '../../tables/index.ts'
import { SECONDS_PER_DAY, SECONDS_PER_HOUR, type Second } from '../../time.ts'
import type { Block } from '../../world/blocks.ts'
import type { World } from '../../world/world.ts'
import { type AxisName, axisOf, keyOf } from './axes.ts'
import { type Bucket, bucketOf } from './buckets.ts'

/** What an aggregate adds up; revenue counts cents here. */
export const MEASURES = ['lines', 'units', 'revenue'] as const
export type MeasureName = (typeof MEASURES)[number]
const M = MEASURES.length

export interface AggregateJob {
  axes: readonly { name: AxisName; bucket?: Bucket | undefined }[]
  from: Second
  until: Second
}

type Sums = Map<number, Float64Array>

/** The sums of each group; and those of each hour, store, and product, which show a cause. */
export interface Totals {
  groups: Sums
  hours: Sums
  stores: Sums
  products: Sums
}

export const noTotals = (): Totals => ({ groups: new Map(), hours: new Map(), stores: new Map(), products: new Map() })

export function merge(totals: Totals, more: Totals): void {
  for (const name of ['groups', 'hours', 'stores', 'products'] as const)
    for (const [key, [lines, units, revenue]] of more[name]) addTo(totals[name], key, lines, units, revenue)
}

function addTo(map: Sums, key: number, lines: number, units: number, revenue: number): void {
  let sums = map.get(key)
  if (!sums) map.set(key, (sums = new Float64Array(M)))
  sums[0] += lines
  sums[1] += units
  sums[2] += revenue
}

/** Adds up the sale lines of a block; undefined: told to stop. */
export function totalsOfBlock(world: World, block: Block, job: AggregateJob, stop: () => boolean): Totals | undefined {
  const axes = job.axes.map(({ name, bucket }) => axisOf(world, name, bucket))
  const totals = noTotals()
  const fact = facts.indexOf(tables.transactions)
  const cursor = beginBlock(world, block)
  const batch = new ColumnBatch(world.schema === 'extended', 1 << 14)
  const { prices } = world.products
  const values = axes.map(() => 0)
  const end = Math.ceil(job.until / SECONDS_PER_DAY)
  for (let day = world.from; day < end; day++) {
    if (stop()) return undefined
    simulateDays(world, cursor, day + 1, batch)
    const { spans } = batch
    const { rows, length } = batch.facts.transactions
    for (let at = 0, first = 0; at < spans.n; first += length[at++]) {
      const [store, midnight] = [spans.store[at], spans.day[at] * SECONDS_PER_DAY]
      const of = { stores: world.stores.count, fact, store, from: first, end: first + length[at], midnight }
      const last = endBefore(rows.second, of, job.until)
      for (let row = endBefore(rows.second, of, job.from); row < last; row++) {
        const second = midnight + rows.second[row]
        for (let i = 0; i < axes.length; i++) {
          const { bucket, ofStore, ofProduct } = axes[i]
          values[i] = bucket ? bucketOf(bucket, second) : ofStore ? ofStore[store] : ofProduct![rows.product[row]]
        }
        const units = rows.quantity[row]
        const revenue = units * prices[rows.price[row]]
        addTo(totals.groups, keyOf(axes, values), 1, units, revenue)
        addTo(totals.hours, Math.floor(second / SECONDS_PER_HOUR), 1, units, revenue)
        addTo(totals.stores, store, 1, units, revenue)
        addTo(totals.products, rows.product[row], 1, units, revenue)
      }
    }
    batch.clear()
  }
  return totals
}
