import { formatCount } from '../../numbers.ts'
import type { ComparedGroups, WrongSum } from './compare.ts'
import type { Evidence } from './evidence.ts'
import { lostMembers, wholes } from './lost-groups.ts'
import { isAdditive, type MeasureName } from './truth.ts'
import { zoneOf } from './zone.ts'

/** A cause is named if it explains this share of the wrong sums of a column. */
const SHARE = 0.95
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
  const added = measures.filter(isAdditive)
  const isRepeat = one > 1 && one < 10 && added.length > 0 && added.every((measure) => factors.get(measure) === one)
  const sentences = [
    ...wholes(of, compared.missing, 'no rows'),
    ...(isRepeat ? [`${added.join(', ')} are ${one} × as large: rows were added ${one} times`] : []),
    ...measures.flatMap((measure) => {
      const wrong = compared.wrong.get(measure) ?? []
      const factor = factors.get(measure)
      if (wrong.length === 0 || (isRepeat && isAdditive(measure))) return []
      if (measure === 'visits' && areLines(of, wrong))
        return [`${every(of, wrong)} visits is the number of lines: it lacks DISTINCT`]
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
  wrong.length >= truth.groups.size * SHARE ? 'every' : `in ${formatCount(wrong.length)} groups,`

function areLines({ truth }: Evidence, wrong: readonly WrongSum[]): boolean {
  const same = wrong.filter(({ key, found }) => found === truth.groups.get(key)![0])
  return wrong.length >= 3 && same.length >= wrong.length * SHARE
}

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
