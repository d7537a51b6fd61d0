import { beginBlock, simulateDays } from '../../simulator/block.ts'
import { ColumnBatch } from '../../simulator/column-batch.ts'
import { endBefore } from '../../simulator/within-second.ts'
import { facts, tables } from '../../tables/index.ts'
import { SECONDS_PER_DAY, SECONDS_PER_HOUR, type Second } from '../../time.ts'
import type { Block } from '../../world/blocks.ts'
import type { World } from '../../world/world.ts'
import { type AxisName, axisOf, keyOf } from './axes.ts'
import { type Bucket, bucketOf } from './buckets.ts'

/**
 * What an aggregate adds up; revenue counts cents here. The lines of a visit share store and time, and a visit counts
 * once in each group that has one of its lines: sums of visits do not add up.
 */
export const MEASURES = ['lines', 'units', 'revenue', 'visits'] as const
export type MeasureName = (typeof MEASURES)[number]
const M = MEASURES.length
/** After the sums of a group: the visit that it counted last. Visits of a block have numbers from 1. */
const LAST_VISIT = M
/** Of these, the sum of two groups is that of both. */
export const isAdditive = (measure: MeasureName): boolean => measure !== 'visits'

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
    for (const [key, sums] of more[name]) {
      const known = totals[name].get(key)
      // A visit is in one store, and a store in one block.
      if (known) for (let i = 0; i < M; i++) known[i] += sums[i]
      else totals[name].set(key, sums)
    }
}

function addTo(map: Sums, key: number, units: number, revenue: number, visit: number): void {
  let sums = map.get(key)
  if (!sums) map.set(key, (sums = new Float64Array(M + 1)))
  sums[0]++
  sums[1] += units
  sums[2] += revenue
  if (sums[LAST_VISIT] === visit) return
  sums[3]++
  sums[LAST_VISIT] = visit
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
  let visit = 0
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
      let before = -1
      for (let row = endBefore(rows.second, of, job.from); row < last; row++) {
        if (rows.second[row] !== before) visit++
        before = rows.second[row]
        const second = midnight + before
        for (let i = 0; i < axes.length; i++) {
          const { bucket, ofStore, ofProduct } = axes[i]
          values[i] = bucket ? bucketOf(bucket, second) : ofStore ? ofStore[store] : ofProduct![rows.product[row]]
        }
        const units = rows.quantity[row]
        const revenue = units * prices[rows.price[row]]
        addTo(totals.groups, keyOf(axes, values), units, revenue, visit)
        addTo(totals.hours, Math.floor(second / SECONDS_PER_HOUR), units, revenue, visit)
        addTo(totals.stores, store, units, revenue, visit)
        addTo(totals.products, rows.product[row], units, revenue, visit)
      }
    }
    batch.clear()
  }
  return totals
}
