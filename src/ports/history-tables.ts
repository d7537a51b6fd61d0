import type { DimensionName, FactName } from '../tables/index.ts'
import type { Day, Month, Second } from '../time.ts'
import type { EventSource } from './destination.ts'

/** A range of days, both inclusive. */
export interface DaySpan {
  readonly from: Day
  readonly through: Day
}

/** The rows of both facts of a block and month: what is recorded in one step. */
export interface TablePart extends DaySpan {
  readonly block: number
  readonly month: Month
}

/** A part that is in the tables, with its rows. */
export interface LoadedPart extends TablePart {
  readonly rows: Readonly<Record<FactName, number>>
}

/** Some rows of a span as CSV, of both facts. Pages are valid until they are sent. */
export interface RowChunk {
  readonly rows: Readonly<Record<FactName, number>>
  pages(table: FactName): Iterable<Uint8Array>
}

/** Tables of a database that take history, part by part. Several sessions may add parts side by side. */
export interface HistoryTables extends AsyncDisposable {
  /** The database for people, without secrets. */
  readonly location: string
  /** Why it takes no rows at the moment; undefined while it does. */
  readonly trouble: string | undefined
  /** Of this world. Empty if the tables do not exist. */
  parts(): Promise<LoadedPart[]>
  /** Where the live events in the same tables begin and end; undefined without any. */
  live(): Promise<{ since: Second; position: Second } | undefined>
  /** Creates what is missing: the tables, and a partition for each month. */
  create(months: readonly Month[]): Promise<void>
  /** Writes a dimension, unless it is there. `csv`: its rows, without a header. */
  putDimension(name: DimensionName, csv: Uint8Array): Promise<void>
  /**
   * Adds the days of a part that are missing, and records them, in one transaction. `rowsOf` makes the rows of a span,
   * and may be called again after a failure. Resolves to the part as it is then, and the rows that were added.
   */
  add(
    part: TablePart,
    rowsOf: (span: DaySpan) => AsyncIterable<RowChunk>,
  ): Promise<{ part: LoadedPart; added: Readonly<Record<FactName, number>> }>
  /** After the last part: adds keys and statistics, and lets live events begin at `end`. */
  finish(end: Second): Promise<void>
  /** Size of tables and indexes on the server's disk. */
  sizeBytes(): Promise<number>
}

/** Opens a session. `signal` ends its waiting. Rejects within ten seconds if nothing answers. */
export type OpenHistoryTables = (source: EventSource, signal: AbortSignal | undefined) => Promise<HistoryTables>
