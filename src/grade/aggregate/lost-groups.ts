import { memberId } from '../../encode/facts.ts'
import { type Axis, valuesOf, valueText } from './axes.ts'
import { isEqual } from './compare.ts'
import type { Evidence } from './evidence.ts'
import { isAdditive, MEASURES } from './truth.ts'

/** Times, stores, and so on of which all groups are among these, if together they make up all of these. */
export function wholes({ axes, truth }: Evidence, keys: readonly number[], what: string): string[] {
  if (keys.length === 0 || keys.length === truth.groups.size)
    return keys.length === 0 || what !== 'no rows' ? [] : ['no group is there']
  for (const [i, axis] of axes.entries()) {
    const tally = (all: Iterable<number>) => {
      const counts = new Map<number, number>()
      for (const key of all) {
        const value = valuesOf(axes, key)[i]
        counts.set(value, (counts.get(value) ?? 0) + 1)
      }
      return counts
    }
    const [these, known] = [tally(keys), tally(truth.groups.keys())]
    if (known.size < 2 || these.size === known.size) continue
    if ([...these].some(([value, n]) => n !== known.get(value))) continue
    const values = [...these.keys()].sort((a, b) => a - b)
    const isLast =
      axis.bucket &&
      values.length > 1 &&
      values.at(-1) === Math.max(...known.keys()) &&
      values.at(-1)! - values[0] === values.length - 1
    const text = axis.bucket ? rangesOf(values, axis) : some(values.map((value) => valueText(axis, value)))
    return [`${text}: ${what}${isLast && what === 'no rows' ? ': not loaded' : ''}`]
  }
  return []
}

/** A store or a product whose rows are exactly what is missing: a join has lost it. */
export function lostMembers({ world, truth, found, measures, axes }: Evidence): string[] {
  if (found.strangeRows > 0 || found.groups.size === 0) return []
  const lost = measures.map((measure, i) => {
    let sum = 0
    for (const sums of truth.groups.values()) sum += sums[MEASURES.indexOf(measure)]
    for (const { sums } of found.groups.values()) sum -= sums[i]
    return sum
  })
  const added = measures.flatMap((measure, i) => (isAdditive(measure) ? [{ measure, sum: lost[i] }] : []))
  if (added.length < 2 || added.every(({ measure, sum }) => isEqual(measure, 0, sum))) return []
  for (const [dimension, sums] of [
    ['store', truth.stores],
    ['product', truth.products],
  ] as const) {
    if (axes.some(({ name }) => name === `${dimension}_id`)) continue
    const fits = [...sums].filter(([, all]) =>
      added.every(({ measure, sum }) => isEqual(measure, all[MEASURES.indexOf(measure)], sum)),
    )
    if (fits.length === 1)
      return [`the sums lack exactly the rows of ${memberId(dimension, world, fits[0][0])}: a join may have lost them`]
  }
  return []
}

const some = (texts: readonly string[]): string =>
  `${texts.slice(0, 5).join(', ')}${texts.length > 5 ? `, and ${texts.length - 5} more` : ''}`

function rangesOf(values: readonly number[], axis: Axis): string {
  const ranges: [number, number][] = []
  for (const value of values) {
    const last = ranges.at(-1)
    if (last && value === last[1] + 1) last[1] = value
    else ranges.push([value, value])
  }
  return some(ranges.map(([a, b]) => (a === b ? valueText(axis, a) : `${valueText(axis, a)} … ${valueText(axis, b)}`)))
}
