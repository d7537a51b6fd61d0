import { RetailError } from '../errors.ts'
import type { Reader } from '../ports/index.ts'
import { prepareSample, type Sample } from './prepare.ts'
import { type Item, SCORECARD } from './scorecard.ts'

export interface RealismItem {
  item: number
  about: string
  /** where the target comes from */
  source: string
  /** warn: outside its range; fail: arithmetic that does not hold */
  verdict: 'pass' | 'warn' | 'fail' | 'not judged'
  /** why it is not judged */
  why?: string
  measures: { name: string; value: number | undefined; low: number; high: number; ok: boolean }[]
}

/** The card, item by item, of whatever shop the reader's raw tables hold. */
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

async function judge(reader: Reader, item: Item, sample: Sample): Promise<RealismItem> {
  const about = { item: item.number, about: item.about, source: item.source }
  const why = sample.lines === 0 ? 'there are no lines' : item.cannot?.(sample)
  if (why) return { ...about, verdict: 'not judged', why, measures: [] }
  const [row] = await reader.query(item.sql(sample))
  const measures = item.measures.map(({ name, low, high }) => {
    const found = row[name]
    const value = found === null ? undefined : Number(found)
    return { name, value, low, high, ok: value !== undefined && value >= low && value <= high }
  })
  const passed = measures.every(({ ok }) => ok)
  return { ...about, verdict: passed ? 'pass' : item.hard ? 'fail' : 'warn', measures }
}
