import { RetailError } from '../errors.ts'
import type { Reader, Row } from '../ports/index.ts'
import { derivedTable, MADE_OF, type TableName } from './derived.ts'
import type { Item, Measure } from './item.ts'
import { prepareSample, type Sample } from './sample.ts'
import { SCORECARD } from './scorecard.ts'

export interface RealismItem extends Pick<Item, 'id' | 'section' | 'about' | 'definition' | 'source' | 'sure'> {
  /** warn: outside its range; fail: broken arithmetic. */
  verdict: 'pass' | 'warn' | 'fail' | 'not judged'
  /** The verdict in words, with the numbers behind it. */
  sentence: string
  /** Why it is not judged. */
  why?: string
  /** Values, and their ranges, in which null is open; also of an item whose value is too uncertain to judge. */
  measures: {
    name: string
    value: number | undefined
    low: number | null
    high: number | null
    /** The range in words: `0.3..0.6`, `at least 2`. */
    range: string
    /** One standard error, if it is known. */
    error?: number
    ok: boolean
  }[]
}

/** Two standard errors: a value that is nearer to its range may lie in it. */
const ERRORS = 2

/** The scorecard, item by item, of any data in the reader's raw tables. */
export async function score(
  reader: Reader,
  signal?: AbortSignal,
  onItem?: (item: RealismItem) => void,
): Promise<{ sample: Omit<Sample, 'movements' | 'sales' | 'prices' | 'has'>; items: RealismItem[] }> {
  const { movements, sales, prices, has, ...sample } = await prepareSample(reader)
  const made = new Set<TableName>()
  const items: RealismItem[] = []
  for (const item of SCORECARD) {
    if (signal?.aborted)
      throw new RetailError('stopped', 'the scorecard was stopped', { hint: 'nothing was changed; run it again' })
    const judged = await judge(reader, item, { ...sample, movements, sales, prices, has }, made)
    items.push(judged)
    onItem?.(judged)
  }
  return { sample, items }
}

type Judged = Omit<RealismItem, 'sentence'>

async function judge(reader: Reader, item: Item, sample: Sample, made: Set<TableName>): Promise<RealismItem> {
  const { id, section, about, definition, source, sure } = item
  const known = { id, section, about, definition, source, sure }
  const ranges = item.measures.map(({ name, low, high }) => ({
    name,
    value: undefined,
    low,
    high,
    range: formatRange(low, high),
    ok: false,
  }))
  const notJudged = (why: string, measures: Judged['measures'] = ranges): RealismItem =>
    spoken({ ...known, verdict: 'not judged', why, measures })
  const why = sample.lines === 0 ? 'there are no lines' : item.cannot?.(sample)
  if (why || !item.sql) return notJudged(why ?? 'no query can compute it')

  const { row, measures } = await measure(reader, item, sample, made)
  const lacks = item.support?.find(({ column, least }) => Number(row[column] ?? 0) < least)
  if (lacks)
    return notJudged(`needs ${lacks.least} ${lacks.of}, the sample has ${Math.floor(Number(row[lacks.column] ?? 0))}`)

  const misses = measures.filter(({ ok }) => !ok)
  if (misses.length > 0 && misses.every(isWithinChance))
    return notJudged(`a longer or larger sample is needed: ${figures(misses)} may be chance`, measures)
  const verdict = misses.length === 0 ? 'pass' : sure === 'arithmetic' ? 'fail' : 'warn'
  return spoken({ ...known, verdict, measures })
}

/** The row of an item's query, and its measures, whether or not the sample is large enough to judge them. */
export async function measure(
  reader: Reader,
  item: Item,
  sample: Sample,
  made = new Set<TableName>(),
): Promise<{ row: Row; measures: Judged['measures'] }> {
  if (!item.sql) throw new RangeError(`item ${item.id} has no query`)
  for (const table of item.tables ?? []) await make(reader, table, sample, made)
  const [row] = await reader.query(item.sql(sample))
  return { row, measures: item.measures.map((each) => measured(each, row)) }
}

async function make(reader: Reader, table: TableName, sample: Sample, made: Set<TableName>): Promise<void> {
  if (made.has(table)) return
  const source = MADE_OF[table]
  if (source) await make(reader, source, sample, made)
  await reader.keep(table, derivedTable(table, sample))
  made.add(table)
}

function measured({ name, low, high }: Measure, row: Row): Judged['measures'][number] {
  const number = (column: string) => {
    const found = Number(row[column] ?? Number.NaN)
    return Number.isFinite(found) ? found : undefined
  }
  const [value, error] = [number(name), number(`${name} error`)]
  const ok = value !== undefined && value >= (low ?? value) && value <= (high ?? value)
  return { name, value, low, high, range: formatRange(low, high), ...(error === undefined ? {} : { error }), ok }
}

const isWithinChance = ({ value, low, high, error }: Judged['measures'][number]): boolean =>
  value !== undefined &&
  error !== undefined &&
  value >= (low ?? value) - ERRORS * error &&
  value <= (high ?? value) + ERRORS * error

/** The sentence of each verdict. The type requires all of them. */
const SENTENCES: Record<RealismItem['verdict'], (item: Judged) => string> = {
  pass: ({ measures }) => `within its range: ${figures(measures)}`,
  warn: ({ measures, sure }) =>
    `outside the range ${sure === 'opinion' ? 'that we expect' : 'of real shops'}: ${figures(measures)}`,
  fail: ({ measures }) => `wrong: this must hold exactly: ${figures(measures)}`,
  'not judged': ({ why }) => `not judged: ${why}`,
}

const spoken = (item: Judged): RealismItem => ({ ...item, sentence: SENTENCES[item.verdict](item) })

const figures = (measures: Judged['measures']): string =>
  measures
    .map(({ name, value, range, error }) => {
      const found = value === undefined ? 'has no value' : formatValue(value)
      return `${name} ${found}${error === undefined ? '' : ` ± ${formatValue(error)}`} (${range})`
    })
    .join(', ')

const formatValue = (value: number): string => (Number.isInteger(value) ? String(value) : value.toFixed(3))

/** `0.3..0.6`, `at least 2`, `at most 0.15`, `0`. */
function formatRange(low: number | null, high: number | null): string {
  if (low === null) return `at most ${high}`
  if (high === null) return `at least ${low}`
  return low === high ? `${low}` : `${low}..${high}`
}
