import type { FaultKind } from '../config/fault-kinds.ts'
import type { FactName } from '../tables/index.ts'

/** Dirty: a row that was made of a damaged event. */
export type DifferenceKind = 'missing' | 'doubled' | 'changed' | 'unexpected' | 'dirty'

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
  /** Why the row is unexpected or dirty. */
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
  /** An aggregate: its rows are groups. */
  groups?: true
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
  /** With the faults that were sent: what became of the events of each kind. */
  faults?: FaultLine[]
  /** With the faults that were sent: differences that none of them explains. */
  unexplained?: Record<DifferenceKind, number>
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

/** What became of the events of one kind: of one fault, or of none. */
export interface FaultLine {
  kind: 'clean' | FaultKind
  /** Events of the period, and those of them of which no copy was delivered in time. */
  sent: number
  onTheirWay: number
  outcome: Exclude<Outcome, 'not asked'>
  /** Rows that are wrong for this reason. */
  wrong: number
  sentence: string
  differences: GradeDifference[]
}

/** What was done to the events before they reached their consumer. */
export interface GradeFaults {
  /** The digest of the profile. */
  profile: string
  /** Copies that arrived before it were delivered; undefined: all of them. */
  delivered?: string
  /** Nobody said until when they were delivered. */
  guessed: boolean
  /** The destination whose record says until when; without `delivered`, it was sent all copies. */
  record?: string
  lateness?: number
  lastWins: boolean
  /** The true time of an event is right where a clock was wrong. */
  trueTimes: boolean
  settle: number
  /** What the dead letters hold: damaged events, and others. */
  deadLetters?: { letters: number; damaged: number }
}

export interface GradeResult {
  world: string
  ok: boolean
  from: string
  until: string
  faults?: GradeFaults
  verdicts: GradeVerdict[]
  tables: GradedTable[]
  seconds: number
  peakRssBytes: number
}
