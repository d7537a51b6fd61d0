import type { Published, Row } from './published.ts'

/**
 * One SELECT, in the words DuckDB and BigQuery share: tables are `marts.<model>`, parameters are `@name` and bound, never pasted in.
 * An adapter writes tables and parameters its own way and changes nothing else.
 */
export interface Statement {
  sql: string
  parameters: Readonly<Record<string, string | number>>
}

export interface Answer {
  rows: Row[]
  /** what the query was billed for; undefined where nobody pays */
  bytesBilled: number | undefined
}

/** Reads the marts, several statements at a time, and never blocks or waits for a writer. */
export interface Marts extends AsyncDisposable {
  /** how people name what is read */
  readonly location: string
  /** answers may be kept for so long; undefined: as long as `version` stays the same */
  readonly keepMs: number | undefined
  /** Changes when the answers may have changed; undefined when nothing is published. Cheap enough to ask once a second. */
  version(): Promise<string | undefined>
  /** What the marts were made of. Throws `missing` when nothing is published, `foreign_world` when it is not ours. */
  published(): Promise<Published>
  /** On abort the query is interrupted and the promise rejects. */
  query(statement: Statement, signal?: AbortSignal): Promise<Answer>
}
