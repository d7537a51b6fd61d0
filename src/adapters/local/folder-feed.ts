import path from 'node:path'
import type { Feed, News, SaleLine } from '../../ports/index.ts'
import { LIVE, parseBatchKey } from '../../ports/layout.ts'
import { quote } from '../../tables/emit.ts'
import { type Database, openDatabase } from './duckdb.ts'
import { namesIn } from './files.ts'
import { literal } from './views.ts'

const NEWEST = 6
/** Batches to read per look: a stream at full speed writes hundreds per second, and the newest ones are enough. */
const MOST_BATCHES = 400

/**
 * Reads the folders that a stream renames into place. Their names are positions, so most looks read one list of names.
 */
export function folderFeed(lake: string): Feed {
  const live = path.join(lake, LIVE)
  let database: Promise<Database> | undefined
  let seen = -1
  let last: SaleLine[] = []

  const fileOf = (key: string) => quote(literal(path.join(lake, key, 'transactions.parquet')))
  const dimension = (name: string) => `read_parquet(${quote(literal(path.join(lake, `${name}.parquet`)))})`

  async function ask(sql: string) {
    database ??= openDatabase(':memory:', { threads: 1 })
    return (await database).query(sql)
  }

  async function newest(files: readonly string[]): Promise<SaleLine[]> {
    const rows = await ask(`SELECT epoch(sold."timestamp")::BIGINT AS second, product.name AS product, store.location,
  sold.quantity, CAST(sold.quantity * sold.unit_price * 100 AS BIGINT) AS cents
FROM (SELECT * FROM read_parquet([${files.join(', ')}]) ORDER BY "timestamp" DESC, transaction_id DESC LIMIT ${NEWEST}) AS sold
JOIN ${dimension('product')} AS product USING (product_id) JOIN ${dimension('store')} AS store USING (store_id)
ORDER BY sold."timestamp" DESC, sold.transaction_id DESC`)
    return rows.map((row) => ({
      second: Number(row.second),
      product: String(row.product),
      location: String(row.location),
      quantity: Number(row.quantity),
      revenueCents: Number(row.cents),
    }))
  }

  return {
    async news(): Promise<News | undefined> {
      // Also the previous generation: its last batches may have been written and rolled between two looks.
      const batches = namesIn(live)
        .slice(-2)
        .flatMap((generation) => namesIn(path.join(live, generation)).map((name) => `${LIVE}/${generation}/${name}`))
        .map(parseBatchKey)
        .filter((batch) => batch !== undefined)
        .sort((a, b) => a.to - b.to)
      const position = batches.at(-1)?.to
      if (position === undefined) return undefined
      const fresh = batches.filter(({ from, to }) => to > seen && to > from).slice(-MOST_BATCHES)
      if (fresh.length === 0) return { position: Math.max(position, seen), lines: 0, last }
      const files = fresh.map(({ key }) => fileOf(key))
      const first = seen < 0
      const rows = first ? [] : await ask(`SELECT count(*) AS lines FROM read_parquet([${files.join(', ')}])`)
      const found = await newest(files)
      last = [...found, ...last].slice(0, NEWEST)
      seen = position
      return { position, lines: Number(rows[0]?.lines ?? 0), last }
    },

    async [Symbol.asyncDispose]() {
      await (await database)?.[Symbol.asyncDispose]()
    },
  }
}
