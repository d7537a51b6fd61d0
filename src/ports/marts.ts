import type { Published, Row } from './published.ts'
import type { Sql } from './sql.ts'

/**
 * One SELECT in SQL that all databases share. The adapter's dialect writes tables and parameters; a parameter that the
 * statement does not name is not bound.
 */
export interface Statement {
  sql: Sql
  parameters: Readonly<Record<string, string | number>>
}

export interface Answer {
  rows: Row[]
  /** Billed bytes of the query; undefined if queries are free. */
  bytesBilled: number | undefined
}

/** Reads the marts with several concurrent statements, and never blocks a writer or waits for one. */
export interface Marts extends AsyncDisposable {
  /** The display name of the data source. */
  readonly location: string
  /** Milliseconds for which answers may be cached; undefined: while `version` stays the same. */
  readonly keepMs: number | undefined
  /**
   * Changes when the answers may have changed; undefined if nothing is published. Cheap enough to call once per second.
   */
  version(): Promise<string | undefined>
  /**
   * The data behind the marts. Throws `missing` if nothing is published, `foreign_world` if it belongs to another
   * world.
   */
  published(): Promise<Published>
  /** On abort, the query is interrupted and the promise rejects. */
  query(statement: Statement, signal?: AbortSignal): Promise<Answer>
}
