import type { FaultProfile } from '../../config/fault-kinds.ts'
import { formatCount as count } from '../../numbers.ts'
import type { FactName } from '../../tables/index.ts'
import { formatSecond, type Second } from '../../time.ts'
import type { WrongRows } from './wrong-values.ts'

/** A row that was found, as integers. */
export type FoundIntegers = readonly (number | null)[]

/** A column that events call by another name from an instant on. */
export interface Rename {
  at: Second
  column: string
  to: string
}

/** In the order of the profile. */
export const renamesOf = ({ drift = [] }: Pick<FaultProfile, 'drift'>, table: FactName): Rename[] =>
  drift.flatMap((each) =>
    'rename' in each && each.table === table ? [{ at: each.at, column: each.rename, to: each.to }] : [],
  )

interface Column {
  name: string
  first: number
  integers: number
  /** What a reader writes that takes 0 for a missing value. */
  zero?: number | undefined
}

/** A share of the rows since an instant that makes it all of them. */
const ALL = 0.98

/** Rows of a table whose cell is empty because a column has a new name in their events. */
export class NewNames {
  readonly renames: readonly Rename[]
  private readonly columns: ReadonlyMap<string, Column>
  private readonly empty: number[]

  constructor(renames: readonly Rename[], columns: readonly Column[]) {
    this.renames = renames
    this.columns = new Map(columns.map((column) => [column.name, column]))
    this.empty = renames.map(() => 0)
  }

  /**
   * Fills what is empty in the rows of an event with what is expected, and names the columns; undefined if nothing is.
   * The rows count `weight` times.
   */
  filled(
    time: Second,
    { expected, found, wrong }: WrongRows,
    weight: number,
  ): { found: FoundIntegers[]; wrong: Set<string>; columns: string[] } | undefined {
    let rows = [...found]
    const columns: string[] = []
    for (const [i, { at, column }] of this.renames.entries()) {
      const of = this.columns.get(column)
      if (!of || time < at || !wrong.has(column)) continue
      const isEmpty = (row: FoundIntegers) => row[of.first] === null || row[of.first] === of.zero
      if (!rows.every(isEmpty)) continue
      const end = of.first + of.integers
      rows = rows.map((row) => row.map((value, at) => (at >= of.first && at < end ? expected[at] : value)))
      columns.push(column)
      this.empty[i] += weight
    }
    if (columns.length === 0) return undefined
    return { found: rows, wrong: new Set([...wrong].filter((name) => !columns.includes(name))), columns }
  }

  /** `kept`: by rename, the rows of events since then. */
  sentences(kept: readonly number[]): string[] {
    return this.renames.flatMap(({ at, column, to }, i) => {
      const n = Math.round(this.empty[i])
      if (n === 0) return []
      const rows = n >= (kept[i] ?? 0) * ALL ? `all ${count(n)} rows` : `${count(n)} of ${count(kept[i] ?? 0)} rows`
      return [`${column} is empty in ${rows} since ${formatSecond(at)}: its new name is ${to}`]
    })
  }

  get emptied(): ReadonlySet<string> {
    return new Set(this.renames.filter((_, i) => this.empty[i] > 0).map(({ column }) => column))
  }
}
