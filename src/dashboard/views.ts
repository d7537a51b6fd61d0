import type { Filters } from './filters.ts'
import type { OwnData, PanelData, PanelName, Sales, StockLevel } from './panel-data.ts'

/** A view as a table: for "as table" and CSV files. */
export interface ViewTable {
  columns: { name: string; kind: CellKind }[]
  rows: (string | number | null)[][]
}

/** money: dollars; share and change: fractions; the others are unchanged. */
export type CellKind = 'text' | 'count' | 'money' | 'share' | 'change'

const text = (name: string) => ({ name, kind: 'text' as const })
const count = (name: string) => ({ name, kind: 'count' as const })
const money = (name: string) => ({ name, kind: 'money' as const })
const share = (name: string) => ({ name, kind: 'share' as const })
const change = (name: string) => ({ name, kind: 'change' as const })

const dollars = (cents: number): number => Math.round(cents) / 100
/** An average day has fractions of a unit. */
const tenths = (n: number): number => Math.round(n * 10) / 10
const aDay = (name: string, per: Filters['per']): string => (per === 'day' ? `${name} a day` : name)
/** Of a month or day of which the data has only a part. */
const incomplete = (name: string, partial: boolean): string => (partial ? `${name} (incomplete)` : name)
const salesColumns = (per: Filters['per']) => [
  money(aDay('revenue', per)),
  count(aDay('units', per)),
  count(aDay('sale lines', per)),
]
const salesCells = ({ revenueCents, units, lines }: Sales) => [dollars(revenueCents), tenths(units), tenths(lines)]

const ALL = { location: 'all', category: 'all', product: 'all', store: 'all' }
/** The share of the stocked items that is out of stock; undefined: there are none. */
export const shareOut = ({ stockedItems, outOfStock }: StockLevel): number | undefined =>
  stockedItems > 0 ? outOfStock / stockedItems : undefined
/** Of one product in one store. */
const levelOf = (onHand: number) => ({ onHand, stockedItems: 1, outOfStock: onHand <= 0 ? 1 : 0 })

export const viewTables: { [N in PanelName]: (data: PanelData[N]) => ViewTable } = {
  kpi: ({ per, total, compared, trend }) => ({
    columns: [text('period'), ...salesColumns(per), money('average line')],
    rows: [
      { name: 'all', sales: total },
      ...(compared
        ? [
            { name: compared.nowText, sales: compared.now },
            { name: compared.beforeText, sales: compared.before },
          ]
        : []),
      ...trend.map((sales) => ({ name: incomplete(sales.at, sales.partial), sales })),
    ].map(({ name, sales }) => {
      const { revenueCents, lines } = sales
      return [name, ...salesCells(sales), lines > 0 ? dollars(revenueCents / lines) : null]
    }),
  }),

  timeline: ({ per, by, points }) => ({
    columns: [text(by), ...salesColumns(per)],
    rows: points.map((point) => [
      incomplete(by === 'month' ? point.from.slice(0, 7) : point.from, point.partial),
      ...salesCells(point),
    ]),
  }),

  places: ({ per, level, nowText, beforeText, rows }) => ({
    columns: [
      text(level),
      money(aDay('revenue', per)),
      count(aDay('units', per)),
      share('share'),
      ...(nowText === undefined ? [] : [change(`change ${nowText} against ${beforeText}`)]),
    ],
    rows: rows.map(({ name, revenueCents, units, share, change }) => [
      name,
      dollars(revenueCents),
      tenths(units),
      share,
      ...(nowText === undefined ? [] : [change ?? null]),
    ]),
  }),

  products: ({ per, period, nowText, beforeText, rows }) => ({
    columns: [
      text('product'),
      text('name'),
      text('category'),
      money(aDay(`revenue ${period}`, per)),
      count(aDay('units', per)),
      share('share'),
      ...(nowText === undefined ? [] : [change(`change ${nowText} against ${beforeText}`)]),
    ],
    rows: rows.map(({ product, name, category, revenueCents, units, share, change }) => [
      ...[product, name, category],
      ...[dollars(revenueCents), tenths(units), share],
      ...(nowText === undefined ? [] : [change ?? null]),
    ]),
  }),

  states: ({ rows }) => ({
    columns: [text('state'), money('average revenue of a line'), money('revenue'), count('sale lines')],
    rows: [...rows]
      .sort((a, b) => b.averageCents - a.averageCents)
      .map(({ state, averageCents, revenueCents, lines }) => [
        state,
        dollars(averageCents),
        dollars(revenueCents),
        lines,
      ]),
  }),

  heatmap: ({ per, months, partial, by, rows }) => ({
    columns: [
      text(by === 'states' ? 'state' : 'location'),
      ...months.map((month) => money(incomplete(month, partial.includes(month)))),
      money(per === 'day' ? 'average day' : 'total'),
    ],
    rows: rows.map(({ name, revenueCents, totalCents }) => [
      name,
      ...revenueCents.map((cents) => (cents === null ? null : dollars(cents))),
      dollars(totalCents),
    ]),
  }),

  change: ({ per, nowText, beforeText, rows }) => ({
    columns: [
      text('location'),
      count(`${aDay('units', per)} ${nowText}`),
      ...(beforeText === undefined ? [] : [count(`${aDay('units', per)} ${beforeText}`), change('change')]),
    ],
    rows: rows.map((row) => [
      row.location,
      tenths(row.units),
      ...(beforeText === undefined ? [] : [row.before === undefined ? null : tenths(row.before), row.change ?? null]),
    ]),
  }),

  top: ({ per, categories }) => ({
    columns: [
      text('category'),
      count('rank'),
      text('location'),
      money(aDay('revenue', per)),
      share('share of category'),
    ],
    rows: categories.flatMap(({ category, top }) =>
      top.map(({ location, revenueCents, share }, i) => [category, i + 1, location, dollars(revenueCents), share]),
    ),
  }),

  daily: ({ days, series }) => ({
    columns: [text('day'), ...series.flatMap(({ name }) => [money(`${name} revenue`), change(`${name} change`)])],
    rows: days.map((day, i) => [
      day,
      ...series.flatMap(({ revenueCents, change }) => {
        const cents = revenueCents[i]
        return [cents === null ? null : dollars(cents), change[i]]
      }),
    ]),
  }),

  stockouts: ({ points }) => ({
    columns: [text('month'), share('share out'), count('out of stock'), count('stocked items'), count('on hand')],
    rows: points.map((point) => {
      const { month, partial, outOfStock, stockedItems, onHand } = point
      return [incomplete(month, partial), shareOut(point) ?? null, outOfStock, stockedItems, onHand]
    }),
  }),

  stock: ({ categories, worst, items, stores, total }) => ({
    columns: [
      text('location'),
      text('category'),
      ...(items ? [text('product')] : []),
      ...(stores ? [text('store')] : []),
      count('on hand'),
      count('stocked items'),
      count('out of stock'),
      share('share out'),
    ],
    rows: [
      { ...ALL, ...total },
      ...categories.map((row) => ({ ...ALL, ...row })),
      ...worst.map((row) => ({ ...ALL, ...row })),
      ...(items ?? []).map(({ product, name, category, onHand }) => ({
        ...{ ...ALL, category, product: `${product} ${name}` },
        ...levelOf(onHand),
      })),
      ...(stores ?? []).map(({ store, location, onHand }) => ({
        ...{ ...ALL, location, store, category: categories[0].category },
        ...levelOf(onHand),
      })),
    ].map((row) => [
      row.location,
      row.category,
      ...(items ? [row.product] : []),
      ...(stores ? [row.store] : []),
      row.onHand,
      row.stockedItems,
      row.outOfStock,
      shareOut(row) ?? null,
    ]),
  }),
}

export const viewTable = <N extends PanelName>(name: N, data: PanelData[N]): ViewTable => viewTables[name](data)

/** A panel of the user's project: its numbers in their format, other columns of a table as what they hold. */
export function ownTable({ panel: { type, y, format }, columns, rows }: OwnData): ViewTable {
  const kindOf = (i: number): CellKind => {
    if (type !== 'table') return i >= columns.length - y.length ? format : 'text'
    return rows.some((row) => typeof row[i] === 'number') ? 'count' : 'text'
  }
  return { columns: columns.map((name, i) => ({ name, kind: kindOf(i) })), rows }
}

/** The name of each view, in files and headings. */
export const viewTitles: Record<PanelName, string> = {
  kpi: 'Key figures',
  timeline: 'Revenue over time',
  places: 'Revenue by place',
  products: 'Revenue by product',
  states: 'Average revenue by state',
  heatmap: 'Revenue by month',
  change: 'Monthly quantity change',
  top: 'Top locations by category',
  daily: 'Daily revenue change',
  stockouts: 'Stock-outs over time',
  stock: 'Stock',
}
