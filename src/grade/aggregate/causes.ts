import { memberId } from '../../encode/facts.ts'
import type { Second } from '../../time.ts'
import type { World } from '../../world/world.ts'
import { type Axis, valuesOf, valueText } from './axes.ts'
import { type Bucket, bucketOf, startOf } from './buckets.ts'
import { type ComparedGroups, type FoundGroups, isEqual, type WrongSum } from './compare.ts'
import { MEASURES, type MeasureName, type Totals } from './truth.ts'

/** What is known of an aggregate and of the truth. */
export interface Evidence {
  world: World
  truth: Totals
  found: FoundGroups
  compared: ComparedGroups
  axes: readonly Axis[]
  measures: readonly MeasureName[]
  from: Second
  until: Second
}

/** A cause is named if it explains this share of the wrong sums of a column. */
const SHARE = 0.95
const HOUR = 3600
/** The most hours between a zone and UTC. */
const FARTHEST = 14
const STRANGE = 'most groups differ, and no single cause explains it: these may be sums of another world'
const FACTORS = [2, 3, 4, 100, 10, 1000, -1, 0.01, 0.1, 0.001, 0.5] as const

/** Sentences that each explain many differences at once. */
export function causesOf(of: Evidence): string[] {
  const { compared, measures, found, truth } = of
  const repeated = [...found.groups.values()].flatMap(({ copies }) => (copies > 1 ? [copies] : []))
  const zone = zoneOf(of)
  if (zone) return [zone]
  const factors = new Map(measures.flatMap((measure) => named(measure, factorOf(compared.wrong.get(measure)))))
  const [one] = factors.values()
  const isRepeat =
    one > 1 && one < 10 && factors.size === measures.length && [...factors.values()].every((of) => of === one)
  const sentences = [
    ...wholes(of, compared.missing, 'no rows'),
    ...(isRepeat ? [`${measures.join(', ')} are ${one} × as large: rows were added ${one} times`] : []),
    ...measures.flatMap((measure) => {
      const wrong = compared.wrong.get(measure) ?? []
      const factor = factors.get(measure)
      if (isRepeat || wrong.length === 0) return []
      const text = noNumber(of, measure, wrong)
      if (text !== undefined) return [`${every(of, wrong)} ${measure} is ${text}`]
      if (factor !== undefined) return [factorText(of, measure, wrong, factor)]
      const rounding = measure === 'revenue' ? roundingOf(wrong) : undefined
      return rounding ? [`${every(of, wrong)} revenue is ${rounding}`] : []
    }),
    ...lostMembers(of),
    ...(compared.missing.length === 0 && factors.size === 0
      ? wholes(of, wrongKeys(compared), 'the differences are there')
      : []),
  ]
  const [first] = repeated
  const twice = repeated.length > 1 && repeated.length === found.groups.size && repeated.every((n) => n === first)
  if (twice) sentences.push(`each group is there ${first} times`)
  const isStrange =
    sentences.length === 0 && wrongKeys(compared).length + compared.missing.length > truth.groups.size / 2
  return isStrange ? [STRANGE] : sentences
}

const named = (measure: MeasureName, factor: number | undefined): [MeasureName, number][] =>
  factor === undefined ? [] : [[measure, factor]]

const wrongKeys = ({ wrong }: ComparedGroups): number[] => [
  ...new Set([...wrong.values()].flatMap((all) => all.map(({ key }) => key))),
]

const every = ({ truth }: Evidence, wrong: readonly WrongSum[]): string =>
  wrong.length >= truth.groups.size * SHARE ? 'every' : `in ${wrong.length.toLocaleString('en-US')} groups,`

function noNumber({ found, measures }: Evidence, measure: MeasureName, wrong: readonly WrongSum[]): string | undefined {
  const bad = wrong.filter((sum) => Number.isNaN(sum.found))
  if (wrong.length < 3 || bad.length < wrong.length * SHARE) return undefined
  const text = found.groups.get(bad[0].key)!.texts[measures.indexOf(measure)]
  return text === null ? 'empty' : `not a number that can be read, such as ${JSON.stringify(text)}`
}

function factorOf(wrong: readonly WrongSum[] = []): number | undefined {
  if (wrong.length < 3) return undefined
  return FACTORS.find(
    (factor) =>
      wrong.filter(
        ({ expected, found }) => Math.abs(found - expected * factor) <= Math.max(0.5, Math.abs(expected) * 1e-9),
      ).length >=
      wrong.length * SHARE,
  )
}

function factorText(of: Evidence, measure: MeasureName, wrong: readonly WrongSum[], factor: number): string {
  const what =
    factor === -1
      ? 'negative: the sign is wrong'
      : factor < 1
        ? `${Math.round(1 / factor)} × too small`
        : `${factor} × as large${measure === 'revenue' && factor === 100 ? ': cents' : factor < 10 ? ': duplicates' : ''}`
  return `${every(of, wrong)} ${measure} is ${what}`
}

function roundingOf(wrong: readonly WrongSum[]): string | undefined {
  const share = (is: (sum: WrongSum) => boolean) => wrong.length >= 3 && wrong.filter(is).length >= wrong.length * SHARE
  const isWhole = ({ found }: WrongSum) => Math.abs(found / 100 - Math.round(found / 100)) < 1e-6
  if (share((sum) => isWhole(sum) && Math.abs(sum.found - sum.expected) <= 50.5)) return 'rounded to whole dollars'
  if (share((sum) => isWhole(sum) && sum.found === Math.floor(sum.expected / 100) * 100)) return 'cut to whole dollars'
  if (share(({ expected, found }) => Math.abs(found - expected) <= Math.abs(expected) * 1e-6))
    return 'off by less than a millionth: it was added up in a type with too few digits'
  return undefined
}

/** Whether hours were put into days, hours, or months of another zone. */
function zoneOf({ truth, found, axes, measures, compared, from, until }: Evidence): string | undefined {
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
      startOf(bucket, value) - FARTHEST * HOUR >= from && startOf(bucket, value + 1) + FARTHEST * HOUR <= until,
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
    const value = bucketOf(bucket, (hour + by) * HOUR)
    sums.set(value, (sums.get(value) ?? 0) + all[measure])
  }
  return sums
}

/** Times, stores, and so on of which all groups are among these, if together they make up all of these. */
function wholes({ axes, truth }: Evidence, keys: readonly number[], what: string): string[] {
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

/** A store or a product whose rows are exactly what is missing: a join has lost it. */
function lostMembers({ world, truth, found, measures, axes }: Evidence): string[] {
  if (found.strangeRows > 0 || found.groups.size === 0) return []
  const lost = measures.map((measure, i) => {
    let sum = 0
    for (const sums of truth.groups.values()) sum += sums[MEASURES.indexOf(measure)]
    for (const { sums } of found.groups.values()) sum -= sums[i]
    return sum
  })
  if (!lost.some((sum, i) => !isEqual(measures[i], 0, sum)) || measures.length < 2) return []
  for (const [dimension, sums] of [
    ['store', truth.stores],
    ['product', truth.products],
  ] as const) {
    if (axes.some(({ name }) => name === `${dimension}_id`)) continue
    const fits = [...sums].filter(([, all]) =>
      measures.every((measure, i) => isEqual(measure, all[MEASURES.indexOf(measure)], lost[i])),
    )
    if (fits.length === 1)
      return [`the sums lack exactly the rows of ${memberId(dimension, world, fits[0][0])}: a join may have lost them`]
  }
  return []
}
