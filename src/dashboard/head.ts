import { adviceText, advise, retail, type Spell } from '../advice.ts'
import { RetailError } from '../errors.ts'
import { bound, mart, type OwnPanel, type Published, type Row, type Statement, sql } from '../ports/index.ts'
import { type Day, firstDayOf, formatDay, formatSecond, parseDay } from '../time.ts'
import { monthToCompare } from './comparison.ts'
import { partialMonths } from './coverage.ts'
import type { Filters } from './filters.ts'
import type { PageHead, Trouble } from './panel-data.ts'
import { type Extent, endDay, isRange, periodOf, periodText, shownOf, wholeDaysTo, wholeMonth } from './period.ts'
import { type UnknownName, unknownName } from './unknown-name.ts'

/** The choices of each filter, whatever the current selection. */
export interface Choices {
  extent: Extent
  /** `YYYY-MM`, the months with sales. */
  months: string[]
  locations: string[]
  categories: string[]
  own: readonly OwnPanel[]
}

export const choicesStatement: Statement = {
  sql: sql`select 'month' as kind, cast(month as string) as name from ${mart('monthly_sales')} group by 1, 2
union all
select 'location' as kind, location as name from ${mart('dim_store')} group by 1, 2
union all
select 'category' as kind, category as name from ${mart('dim_product')} group by 1, 2
union all
select 'first' as kind, cast(min(day) as string) as name from ${mart('daily_sales')}
order by 1, 2`,
  parameters: {},
}

export function readChoices(rows: readonly Row[], published: Published): Choices {
  if (!published.marts) throw noMarts()
  const of = (kind: string) =>
    rows.filter((row) => row.kind === kind && row.name !== null).map(({ name }) => String(name))
  const [first] = of('first')
  if (first === undefined) throw noMarts()
  return {
    extent: { first: dayOfText(first), dataTo: published.marts.live },
    months: of('month').map((month) => month.slice(0, 7)),
    locations: of('location'),
    categories: of('category'),
    own: published.panels ?? [],
  }
}

/** Where a store is. */
export const storeStatement = (store: string): Statement => ({
  sql: sql`select location as name from ${mart('dim_store')} where store_id = ${bound('store')}`,
  parameters: { store },
})

export const productStatement = (product: string): Statement => ({
  sql: sql`select product_name as name from ${mart('dim_product')} where product_id = ${bound('product')}`,
  parameters: { product },
})

/** What the data calls the chosen store and product. */
export type ChosenNames = Pick<PageHead, 'storeLocation' | 'productName'>

export function headOf(
  filters: Filters,
  { extent, months, locations, categories, own }: Choices,
  names: ChosenNames,
  source: string,
  version: string,
  spell: Spell,
): PageHead {
  const shown = shownOf(filters, extent)
  return {
    filters,
    period: periodText(shown, extent),
    partial: partialMonths(shown, extent),
    dataTo: formatSecond(extent.dataTo),
    source,
    days: { first: formatDay(extent.first), last: formatDay(endDay(extent) - 1) },
    years: [...new Set(months.map((month) => Number(month.slice(0, 4))))],
    months,
    locations,
    categories,
    ...names,
    own: own.map(({ table, title }) => ({ name: table, title })),
    version,
    empty: emptiness(shown, { extent, months, locations, categories }, names, spell),
    commands: { stream: spell(retail('stream')), dashboard: spell(retail('dashboard')) },
  }
}

/** Why there is no data, and the command that changes it. */
function emptiness(
  filters: Filters,
  { extent, months, locations, categories }: Omit<Choices, 'own'>,
  names: ChosenNames,
  spell: Spell,
): Trouble | undefined {
  const unknown = unknownName(filters, { locations, categories, ...names })
  if (unknown) return { message: unknownText(unknown), hint: unknownHint(unknown) }
  const range = isRange(filters) ? periodOf(filters, extent) : undefined
  const wanted = months.filter(
    (month) =>
      (range === undefined || (range.to > extent.first && range.from < endDay(extent))) &&
      (filters.year === undefined || Number(month.slice(0, 4)) === filters.year) &&
      (filters.month === undefined || Number(month.slice(5)) === filters.month),
  )
  if (wanted.length > 0) return undefined
  const message = `No sales in ${periodText(filters, extent).replace(/^every/, 'any')}.`
  const month = monthToCompare(filters, extent)
  const last: Day =
    range !== undefined
      ? range.to - 1
      : filters.year !== undefined
        ? (month !== undefined ? wholeMonth(month).to : periodOf(filters, extent).to) - 1
        : nextSuch(filters.month ?? 1, extent)
  if (last < extent.first)
    return {
      message,
      why: `History begins on ${formatDay(extent.first)}.`,
      hint: range === undefined ? 'Choose a later year or month.' : 'Choose later days.',
    }
  return {
    message,
    why: `The marts end on ${formatDay(endDay(extent) - 1)}.`,
    hint: adviceText(advise`Run ${retail('backfill', '--to', formatDay(last))}, then ${retail('transform')}.`, spell),
  }
}

const unknownText = ({ filter, value }: UnknownName): string =>
  filter === 'store' || filter === 'product' || filter === 'category'
    ? `There is no ${filter} ${value}.`
    : `No store is in ${value}.`

function unknownHint({ filter, known }: UnknownName): string {
  switch (filter) {
    case 'store':
      return 'Choose a location, then one of its stores.'
    case 'product':
      return 'Clear the filters, and choose one in Revenue by product.'
    case 'category':
      return `Choose one of ${known.join(', ')}.`
    case 'location':
      return 'Choose a location from the list.'
    case 'state':
      return 'Choose a state that is colored on the map.'
  }
}

/** The last day of the first matching month after the data ends. */
function nextSuch(month: number, extent: Extent): Day {
  const after = wholeDaysTo(extent)
  for (let year = Number(formatDay(after).slice(0, 4)); ; year++) {
    const last = firstDayOf(year * 12 + month) - 1
    if (last >= after) return last
  }
}

const dayOfText = (text: string): Day => parseDay(text.slice(0, 10)) ?? 0

export const noMarts = (): RetailError =>
  new RetailError('missing', 'There are no marts yet.', { hint: advise`Run ${retail('transform')}.` })
