import { RetailError } from '../../errors.ts'
import type { Marts, Warehouse } from '../../ports/index.ts'
import type { BigQueryReader } from './bigquery-reader.ts'

/** Answers cost money, so they are kept for so long; the page says how old they are by the time of their data. */
const KEEP_MS = 10 * 60_000

/** The marts dataset. Every statement has its own limit on the bytes it may be billed for. */
export function bigqueryMarts(
  location: string,
  warehouse: Pick<Warehouse, 'published'>,
  reader: BigQueryReader,
): Marts {
  return {
    location,
    keepMs: KEEP_MS,
    // Looking whether something changed would be a call a second; answers are asked again when they are old.
    version: async () => location,
    async published() {
      const published = await warehouse.published()
      if (published) return published
      throw new RetailError('missing', `nothing was loaded into ${location} yet`, {
        hint: 'run `retail seed-dims`, `retail backfill` and `retail transform`',
      })
    },
    query: (statement, signal) => reader.ask(statement, signal),
    [Symbol.asyncDispose]: () => reader[Symbol.asyncDispose](),
  }
}
