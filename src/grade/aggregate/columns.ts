import { RetailError } from '../../errors.ts'
import type { Relation, RelationColumn } from '../../ports/index.ts'
import { SECONDS_PER_DAY } from '../../time.ts'
import type { World } from '../../world/world.ts'
import type { NamedColumn } from '../columns.ts'
import { unitOf } from '../content.ts'
import { AXES, type Axis, type AxisName, axisOf } from './axes.ts'
import { type Bucket, bucketIn, secondOf } from './buckets.ts'
import { MEASURES, type MeasureName } from './truth.ts'

/** What a column of an aggregate holds: what its rows are grouped by, or a sum. */
export type Role = AxisName | MeasureName

export interface AggregateColumn {
  role: Role
  theirs: RelationColumn
  by: 'flag' | 'name' | 'content'
}

export interface AggregatePlan {
  axes: { axis: Axis; column: AggregateColumn; read: (text: string) => number | undefined }[]
  measures: AggregateColumn[]
  /** Numbers whose sum has to say what they are. */
  open: RelationColumn[]
  left: string[]
}

/** The first texts of a column. */
export type Texts = (column: string) => readonly string[]

const plain = (name: string) => name.toLowerCase().replace(/[^a-z0-9]/g, '')

const NAMES: Record<Role, RegExp> = {
  time: /^(sales?|order|business|transaction|sold|event|calendar|report)?(day|date|hour|week|month|quarter|year|time|ts|timestamp|ds|dt|period|yearmonth)(start|on|at|key|utc)?$/,
  store_id: /^(store|shop|branch)(id|key|code)?$/,
  location: /^(store)?(location|city)$/,
  state: /^(store)?state$/,
  product_id: /^(product|sku|item)(id|key|code)?$/,
  category: /^(product)?category(name)?$/,
  supplier_id: /^supplier(id)?$/,
  lines:
    /^(n|cnt|countstar|count|rows?|lines?|(num|no|nr|number|count)(of)?(rows|lines|sales|salelines|transactions?|orders)|(row|line|sales?|transaction|order)s?count|transactions|orders|salelines|counttransactionid|countid)$/,
  units: /^(sum|total)?(quantity|units?|qty|pieces|items)(sold)?(sum|total)?$/,
  visits: /^((num|no|nr|number|count)(of)?|distinct|unique)*(visits?|baskets?|receipts?|tickets?|checkouts?)(count)?$/,
  revenue:
    /^(sum|total|gross)?(revenue|amount|turnover|gross|grossamount|salesamount|grosssales|totalamount|salesvalue|quantityunitprice|unitpricequantity)(usd)?(sum|total)?$/,
}

const mostly = (texts: readonly string[], is: (text: string) => boolean) =>
  texts.length > 0 && texts.filter(is).length >= texts.length * 0.8

/** What each column of an aggregate holds; throws if that cannot be said of one, since nobody would compare it. */
export function planAggregate(
  relation: Pick<Relation, 'name' | 'columns'>,
  world: World,
  named: readonly NamedColumn[],
  texts: Texts,
): AggregatePlan {
  const taken = new Map<Role, AggregateColumn>()
  const left: string[] = []
  const open: RelationColumn[] = []
  const flags = flagsOf(relation, named)
  for (const theirs of relation.columns) {
    const role = flags.get(theirs.name)
    if (role === '-') left.push(theirs.name)
    else if (role) take(theirs, role, 'flag')
  }
  for (const theirs of relation.columns) {
    if (flags.has(theirs.name)) continue
    const fits = [...AXES, ...MEASURES].filter((role) => NAMES[role].test(plain(theirs.name)))
    if (fits.length === 1 && !taken.has(fits[0])) take(theirs, fits[0], 'name')
    else open.push(theirs)
  }
  function take(theirs: RelationColumn, role: Role, by: AggregateColumn['by']): void {
    const other = taken.get(role)
    if (other)
      throw new RetailError('missing', `${relation.name} has two columns of ${role}`, {
        why: `${other.theirs.name} and ${theirs.name}`,
        hint: `leave one out: --columns ${theirs.name}=-`,
      })
    taken.set(role, { role, theirs, by })
  }
  const numbers: RelationColumn[] = []
  for (const theirs of open) {
    const some = texts(theirs.name)
    const fits = AXES.filter((role) => !taken.has(role) && looksLike(world, role, some))
    if (fits.length > 0) take(theirs, fits[0], 'content')
    else if (mostly(some, (text) => Number.isFinite(Number(text))) || some.length === 0) numbers.push(theirs)
    else throw unknownColumn(relation, theirs.name)
  }
  const axes = AXES.flatMap((role) => {
    const column = taken.get(role)
    return column ? [readAxis(world, column, texts(column.theirs.name), relation.name)] : []
  })
  return { axes, measures: MEASURES.flatMap((role) => taken.get(role) ?? []), open: numbers, left }
}

export const unknownColumn = ({ name }: Pick<Relation, 'name'>, column: string): RetailError =>
  new RetailError('missing', `nobody can say what column ${column} of ${name} holds`, {
    why: `neither its name nor its content is that of ${[...AXES, ...MEASURES].join(', ')}`,
    hint: /stock|on_?hand|inventory/i.test(column)
      ? `leave it out with --columns ${column}=-, and compare the rows of stock movements with --inventories`
      : `leave it out with --columns ${column}=-, or say what it holds, such as --columns ${column}=revenue`,
  })

function flagsOf({ name, columns }: Pick<Relation, 'name' | 'columns'>, named: readonly NamedColumn[]) {
  const flags = new Map<string, Role | '-'>()
  const theirs = (text: string) => columns.find((column) => column.name.toLowerCase() === text.toLowerCase())
  const roleOf = (text: string) =>
    text === '-'
      ? ('-' as const)
      : [...AXES, ...MEASURES].find((role) => plain(role) === plain(text) || NAMES[role].test(plain(text)))
  for (const { name: a, is: b } of named) {
    const [column, role] = theirs(a) && roleOf(b) ? [theirs(a), roleOf(b)] : [theirs(b), roleOf(a)]
    if (!column || !role)
      throw new RetailError('bad_flag', `--columns ${a}=${b} names no column of ${name}`, {
        why: `it has ${columns.map((each) => each.name).join(', ')}; an aggregate is grouped by ${AXES.join(', ')}, and adds up ${MEASURES.join(', ')}`,
        hint: 'give pairs of your column and what it holds: total=revenue,d=time',
      })
    flags.set(column.name, role)
  }
  return flags
}

function looksLike(world: World, role: AxisName, texts: readonly string[]): boolean {
  if (role === 'time') return mostly(texts, (text) => /\D/.test(text) && secondOf(text) !== undefined)
  const values = new Set(axisOf(world, role).values)
  return mostly(texts, (text) => values.has(text))
}

function readAxis(
  world: World,
  column: AggregateColumn,
  texts: readonly string[],
  name: string,
): AggregatePlan['axes'][number] {
  if (column.role !== 'time') {
    const axis = axisOf(world, column.role as AxisName)
    const numbers = new Map(axis.values.map((text, i) => [text, i]))
    const isKey = column.role === 'store_id' || column.role === 'product_id'
    return {
      ...{ axis, column },
      read: (text) =>
        numbers.get(text) ??
        (isKey && /^\d+$/.test(text) && axis.values[Number(text) - 1] ? Number(text) - 1 : undefined),
    }
  }
  const isYears = mostly(texts, isYear)
  const isEpoch = texts.length > 0 && !isYears && !mostly(texts, (text) => secondOf(text) !== undefined)
  const unit = isEpoch ? unitOf(texts) : undefined
  const read = (text: string) =>
    unit === undefined
      ? secondOf(isYears ? `${text}-01` : text)
      : Number.isInteger(Number(text))
        ? Number(text) / unit
        : undefined
  const seconds = texts.flatMap((text) => read(text) ?? [])
  const bucket = startsAlike(seconds) ? 'day' : bucketIn(seconds)
  if (!bucket || (seconds.length === 0 && texts.length > 0))
    throw new RetailError('missing', `${name} is not grouped by hours, days, weeks, months, quarters, or years`, {
      why: `${column.theirs.name} holds ${JSON.stringify(texts[0])}, which is not the time at which one begins`,
      hint: "group it by date_trunc('day', …), and compare that; or compare the rows with --transactions",
    })
  return { axis: axisOf(world, 'time', bucketNamed(column.theirs.name, texts, bucket) ?? bucket), column, read }
}

const isYear = (text: string) => /^\d{4}$/.test(text)

/** Days that begin at midnight of another zone. */
const startsAlike = (seconds: readonly number[]): boolean => {
  const starts = new Set(seconds.map((second) => second % SECONDS_PER_DAY))
  const [one, two = one] = starts
  return (
    starts.size > 0 && starts.size <= 2 && !starts.has(0) && Math.abs(one - two) <= 3600 && new Set(seconds).size > 2
  )
}

/** The name decides what few values leave open: a month may be the only one, and a day the first one of a month. */
function bucketNamed(name: string, texts: readonly string[], seen: Bucket): Bucket | undefined {
  if (mostly(texts, (text) => /^\d{4}-?\d{2}$/.test(text)) || /month/i.test(name)) return 'month'
  if (/quarter/i.test(name)) return 'quarter'
  if (/year/i.test(name) || mostly(texts, isYear)) return 'year'
  if (/hour/i.test(name)) return 'hour'
  if (/week/i.test(name)) return 'week'
  return /day|date/i.test(name) && seen !== 'hour' ? 'day' : undefined
}
