import type { Cut, Published } from '../../ports/index.ts'
import { tablesOf, type WorldSchema } from '../../tables/index.ts'
import type { Database } from './duckdb.ts'

/** The reason why this database cannot read this lake through raw; undefined if it can. */
export async function rawTrouble(
  database: Database,
  published: Published,
  { location: lake, schema }: { location: string; schema: WorldSchema },
): Promise<string | undefined> {
  if (published.lake !== lake) return `raw reads the lake at ${published.lake}, not this workspace's lake at ${lake}`
  for (const { name: table } of tablesOf(schema)) {
    try {
      await database.query(`SELECT 1 FROM raw.${table} LIMIT 0`)
    } catch (error) {
      return `raw.${table} cannot be read: ${String(error).split('\n')[0]}`
    }
  }
  return undefined
}

/** Whether the lake is ahead of the database: the last writer may have been stopped before it published. */
export const isBehind = (published: Published, generation: number, { history }: Cut): boolean =>
  published.generation !== generation || published.raw.history !== history
