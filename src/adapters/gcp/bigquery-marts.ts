import { advise, retail } from '../../advice.ts'
import { RetailError } from '../../errors.ts'
import type { Marts, Warehouse } from '../../ports/index.ts'
import type { BigQueryReader } from './bigquery-reader.ts'

/** How long answers are cached, because queries cost money. The page shows the age of its data. */
const KEEP_MS = 10 * 60_000

/** The marts dataset. Every statement has its own limit on billed bytes. */
export function bigqueryMarts(
  location: string,
  warehouse: Pick<Warehouse, 'published'>,
  reader: BigQueryReader,
): Marts {
  return {
    location,
    keepMs: KEEP_MS,
    // Checking for changes would cost a call per second; answers expire instead.
    version: async () => location,
    async published() {
      const published = await warehouse.published()
      if (published) return published
      throw new RetailError('missing', `nothing was loaded into ${location} yet`, {
        hint: advise`run ${retail('seed-dims')}, ${retail('backfill')} and ${retail('transform')}`,
      })
    },
    query: (statement, signal) => reader.ask(statement, signal),
    [Symbol.asyncDispose]: () => reader[Symbol.asyncDispose](),
  }
}
