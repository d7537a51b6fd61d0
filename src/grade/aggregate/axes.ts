import { memberId } from '../../encode/facts.ts'
import { rowsOf } from '../../world/dimensions.ts'
import type { World } from '../../world/world.ts'
import { type Bucket, bucketText } from './buckets.ts'

/** What the rows of an aggregate are grouped by. */
export const AXES = ['time', 'store_id', 'location', 'state', 'product_id', 'category', 'supplier_id'] as const
export type AxisName = (typeof AXES)[number]

/** A group column: each value has a number. Those of time have no end, so they come first in a key. */
export interface Axis {
  name: AxisName
  /** The unit of a time. */
  bucket?: Bucket
  values: readonly string[]
  /** The number of the value of a store, or of a product. */
  ofStore?: Int32Array
  ofProduct?: Int32Array
}

export function axisOf(world: World, name: AxisName, bucket?: Bucket): Axis {
  if (name === 'time') return { name, bucket: bucket!, values: [] }
  const dimension = name === 'product_id' || name === 'category' || name === 'supplier_id' ? 'product' : 'store'
  const rows = rowsOf(world, dimension)
  const texts = rows.map((row, i) => {
    if (name === 'store_id' || name === 'product_id') return memberId(dimension, world, i)
    if (name === 'state') return String(row.location).slice(-2)
    return String(row[name])
  })
  const values = [...new Set(texts)]
  const numbers = new Map(values.map((text, i) => [text, i]))
  const of = Int32Array.from(texts, (text) => numbers.get(text)!)
  return { name, values, ...(dimension === 'store' ? { ofStore: of } : { ofProduct: of }) }
}

/** The text of a value, as a result shows it. */
export const valueText = ({ bucket, values }: Axis, value: number): string =>
  bucket ? bucketText(bucket, value) : values[value]

/** A group as one number: the values of the axes after the first one are its lower digits. */
export const keyOf = (axes: readonly Axis[], values: readonly number[]): number =>
  axes.reduce((key, { bucket, values: all }, i) => (bucket ? values[i] : key * all.length + values[i]), 0)

export function valuesOf(axes: readonly Axis[], key: number): number[] {
  const found: number[] = []
  let rest = key
  for (const { bucket, values } of axes.toReversed()) {
    found.unshift(bucket ? rest : rest % values.length)
    rest = Math.floor(rest / values.length)
  }
  return found
}
