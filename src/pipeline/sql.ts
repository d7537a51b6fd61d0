import { clock } from '../clock.ts'
import type { Config } from '../config/schema.ts'
import { RetailError } from '../errors.ts'
import type { Ports, QueryCell, QueryColumn } from '../ports/index.ts'
import { enter } from './enter.ts'

export interface SqlResult {
  /** The database that answered. */
  database: string
  /** Rows that were passed on. */
  rows: number
  /** The answer has rows beyond the limit. */
  more: boolean
  /** Undefined if queries are free. */
  billedBytes: number | undefined
  seconds: number
}

export interface SqlOptions {
  /** One statement that only reads. */
  query: string
  /** The most rows to pass on; undefined: all. */
  limit?: number | undefined
  signal?: AbortSignal
  /** Called once, before the rows. */
  onColumns(columns: readonly QueryColumn[]): Promise<void> | void
  /** Takes rows in order; the next ones are read when it resolves. */
  onRows(rows: readonly (readonly QueryCell[])[]): Promise<void> | void
}

/** Answers a query of the published tables. Memory does not grow with the number of rows. */
export async function sql(
  ports: Ports,
  config: Config,
  { query, limit = Number.POSITIVE_INFINITY, signal, onColumns, onRows }: SqlOptions,
): Promise<SqlResult> {
  await enter('sql', ports, config)
  const start = clock.elapsed()
  // Raw reads files of the lake, which nobody removes meanwhile.
  await using _reading = await ports.workspace.reading()
  let [rows, more] = [0, false]
  try {
    await using answer = await ports.warehouse.ask(query, signal)
    await onColumns(answer.columns)
    for await (const page of answer.pages) {
      signal?.throwIfAborted()
      const taken = page.slice(0, limit - rows)
      rows += taken.length
      await onRows(taken)
      more = taken.length < page.length
      if (more) break
    }
    const seconds = (clock.elapsed() - start) / 1000
    return { database: ports.warehouse.location, rows, more, billedBytes: answer.billedBytes, seconds }
  } catch (error) {
    if (!signal?.aborted) throw error
    throw new RetailError('stopped', `stopped after ${rows} rows: every row is complete, but the answer is not`, {
      hint: 'run the same command again',
      cause: error,
    })
  }
}
