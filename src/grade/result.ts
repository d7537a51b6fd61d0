import type { FactName } from '../tables/index.ts'

export type DifferenceKind = 'missing' | 'doubled' | 'changed' | 'unexpected'

/** A cell of a row: what it should hold, and what it holds; null: nothing. */
export interface CellDifference {
  column: string
  expected: string
  found: string | null
}

/** A row that is not what it should be. */
export interface GradeDifference {
  table: FactName
  kind: DifferenceKind
  /** Null: a row without an id. */
  id: string | null
  /** When its event happened, for a row that this world has. */
  time?: string
  /** How often it was found, if not once. */
  copies?: number
  /** The cells that differ. */
  cells?: CellDifference[]
  /** Why the row is unexpected. */
  why?: string
  /** The fault that explains it. */
  fault?: string
}

/** A column of theirs that was compared, and how it was recognized. */
export interface GradeColumn {
  column: string
  theirs: string
  type: string
  by: 'flag' | 'name' | 'content'
}

export interface GradedTable {
  table: FactName
  from: string
  columns: GradeColumn[]
  /** Columns of ours that were not compared. */
  left: string[]
  /** Rows that must exist, and rows that were found. */
  expected: number
  found: number
  /** Right rows before `--from`, or at or after `--until`. */
  beside: number
  /** Lines of text that are no rows. */
  unreadable: number
  counts: Record<DifferenceKind, number>
  /** Changed rows by column, of the rows whose cells were fetched: at most 20,000 of a table. */
  changed: Record<string, number>
  /** What explains many differences at once. */
  causes: string[]
  /** Too many store-days differ: `counts` holds those of the ones that were looked at. */
  sample?: { storeDays: number; of: number; rows: number }
  /** The first differences of each kind. */
  differences: GradeDifference[]
}

export type Outcome = 'pass' | 'fail' | 'inconclusive' | 'not asked'

export interface GradeVerdict {
  name: string
  outcome: Outcome
  sentence: string
  /** Tables and kinds of the differences that made it fail. */
  differences: GradeDifference[]
}

export interface GradeResult {
  world: string
  ok: boolean
  from: string
  until: string
  verdicts: GradeVerdict[]
  tables: GradedTable[]
  seconds: number
  peakRssBytes: number
}
