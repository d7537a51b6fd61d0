import { RetailError } from '../errors.ts'
import type { Reader } from '../ports/index.ts'
import { prepareSample, type Sample } from './prepare.ts'
import { type Item, SCORECARD } from './scorecard.ts'

export interface RealismItem {
  item: number
  about: string
  /** The source of the target. */
  source: string
  /** warn: outside its range; fail: broken arithmetic. */
  verdict: 'pass' | 'warn' | 'fail' | 'not judged'
  /** The verdict in words, with the numbers behind it. */
  sentence: string
  /** Why it cannot be judged. */
  why?: string
  measures: { name: string; value: number | undefined; low: number; high: number; ok: boolean }[]
}

/** The scorecard, item by item, of any data in the reader's raw tables. */
export async function score(
  reader: Reader,
  signal?: AbortSignal,
  onItem?: (item: RealismItem) => void,
): Promise<{ sample: Sample; items: RealismItem[] }> {
  const sample = await prepareSample(reader)
  const items: RealismItem[] = []
  for (const item of SCORECARD) {
    if (signal?.aborted)
      throw new RetailError('stopped', 'the scorecard was stopped', { hint: 'nothing was changed; run it again' })
    const judged = await judge(reader, item, sample)
    items.push(judged)
    onItem?.(judged)
  }
  return { sample, items }
}

type Judged = Omit<RealismItem, 'sentence'>

/** The sentence of each verdict. The type requires all of them. */
const SENTENCES: Record<RealismItem['verdict'], (item: Judged) => string> = {
  pass: (item) => `within its range: ${figures(item)}`,
  warn: (item) => `outside the range of real shops: ${figures(item)}`,
  fail: (item) => `wrong: this must hold exactly: ${figures(item)}`,
  'not judged': ({ why }) => `not judged: ${why}`,
}

function figures({ measures }: Judged): string {
  const number = (value: number) => (Number.isInteger(value) ? String(value) : value.toFixed(3))
  const range = (low: number, high: number) => (low === high ? `${low}` : `${low}..${high}`)
  return measures
    .map(
      ({ name, value, low, high }) =>
        `${name} ${value === undefined ? 'has no value' : number(value)} (${range(low, high)})`,
    )
    .join(', ')
}

const spoken = (item: Judged): RealismItem => ({ ...item, sentence: SENTENCES[item.verdict](item) })

async function judge(reader: Reader, item: Item, sample: Sample): Promise<RealismItem> {
  const about = { item: item.number, about: item.about, source: item.source }
  const why = sample.lines === 0 ? 'there are no lines' : item.cannot?.(sample)
  if (why) return spoken({ ...about, verdict: 'not judged', why, measures: [] })
  const [row] = await reader.query(item.sql(sample))
  const measures = item.measures.map(({ name, low, high }) => {
    const found = row[name]
    const value = found === null ? undefined : Number(found)
    return { name, value, low, high, ok: value !== undefined && value >= low && value <= high }
  })
  const passed = measures.every(({ ok }) => ok)
  return spoken({ ...about, verdict: passed ? 'pass' : item.hard ? 'fail' : 'warn', measures })
}
