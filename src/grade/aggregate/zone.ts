import { SECONDS_PER_HOUR } from '../../time.ts'
import { valuesOf } from './axes.ts'
import { type Bucket, bucketOf, startOf } from './buckets.ts'
import { isEqual } from './compare.ts'
import type { Evidence } from './evidence.ts'
import { MEASURES, type Totals } from './truth.ts'

/** The most hours between a zone and UTC. */
const FARTHEST = 14

/** Whether hours were put into days, hours, or months of another zone. */
export function zoneOf({ truth, found, axes, measures, compared, from, until }: Evidence): string | undefined {
  const [time] = axes
  const bucket = time?.bucket
  if (!bucket || compared.counts.changed + compared.counts.missing === 0) return undefined
  const at = Math.max(0, measures.indexOf('lines'))
  const measure = measures[at]
  const sums = new Map<number, number>()
  for (const [key, { sums: all }] of found.groups) {
    const [value] = valuesOf(axes, key)
    sums.set(value, (sums.get(value) ?? 0) + all[at])
  }
  const inner = [...sums.keys()].filter(
    (value) =>
      startOf(bucket, value) - FARTHEST * SECONDS_PER_HOUR >= from &&
      startOf(bucket, value + 1) + FARTHEST * SECONDS_PER_HOUR <= until,
  )
  const shifted = (by: number) => shiftedSums(truth, bucket, by, MEASURES.indexOf(measure))
  const fits = (all: readonly Map<number, number>[]) =>
    inner.filter((value) => all.some((of) => isEqual(measure, of.get(value) ?? 0, sums.get(value)!))).length
  const enough = inner.length * 0.9
  if (inner.length < 2 || fits([shifted(0)]) >= enough) return undefined
  const hours = Array.from({ length: 2 * FARTHEST + 1 }, (_, i) => i - FARTHEST).filter((by) => by !== 0)
  for (const width of [0, 1])
    for (const by of hours)
      if (fits(width === 0 ? [shifted(by)] : [shifted(by), shifted(by + 1)]) >= enough) {
        const [least, most] = [by, by + width].map(Math.abs).sort((a, b) => a - b)
        const span = width === 0 ? `${most} h` : `${least} to ${most} h`
        return `every ${bucket} begins ${span} ${by < 0 ? 'late' : 'early'}: a zone${width === 0 ? '' : ' with daylight saving time'}`
      }
  return undefined
}

function shiftedSums({ hours }: Totals, bucket: Bucket, by: number, measure: number): Map<number, number> {
  const sums = new Map<number, number>()
  for (const [hour, all] of hours) {
    const value = bucketOf(bucket, (hour + by) * SECONDS_PER_HOUR)
    sums.set(value, (sums.get(value) ?? 0) + all[measure])
  }
  return sums
}
