import path from 'node:path'
import { type Damage, foreignTo, otherContent } from '../../ports/damage.ts'
import type { Feed, LakeBatch, News, SaleLine } from '../../ports/index.ts'
import { batchContent, dimensionKey, LAKE_NAMES, LIVE, parseBatchKey } from '../../ports/layout.ts'
import { quote } from '../../tables/emit.ts'
import type { DimensionName } from '../../tables/index.ts'
import { type Database, openDatabase } from './duckdb.ts'
import { namesIn } from './files.ts'
import { literal, readParquet } from './views.ts'

const NEWEST = 6
/** Batches to read per look: a stream at full speed writes hundreds per second, and the newest ones are enough. */
const MOST_BATCHES = 400

/**
 * Reads the folders that a stream renames into place. Their names are positions, so most looks read one list of names.
 */
export function folderFeed(lake: string, world: () => Promise<string | undefined> = async () => undefined): Feed {
  const live = path.join(lake, LIVE)
  let database: Promise<Database> | undefined
  let seen = -1
  let last: SaleLine[] = []
  /** Batches that were looked into and do not belong here. */
  const strangers = new Map<string, Damage>()

  const fileOf = (key: string) => literal(path.join(lake, key, 'transactions.parquet'))
  const dimension = (name: DimensionName) => readParquet([literal(path.join(lake, dimensionKey(name, LAKE_NAMES)))])

  async function ask(sql: string) {
    database ??= openDatabase(':memory:', { threads: 1 })
    return (await database).query(sql)
  }

  async function newest(files: readonly string[]): Promise<SaleLine[]> {
    const rows = await ask(`SELECT epoch(sold."timestamp")::BIGINT AS second, product.name AS product, store.location,
  sold.quantity, CAST(sold.quantity * sold.unit_price * 100 AS BIGINT) AS cents
FROM (SELECT * FROM ${readParquet(files)} ORDER BY "timestamp" DESC, transaction_id DESC LIMIT ${NEWEST}) AS sold
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

  /** Records which of these batches say that they are something else. */
  async function lookInto(batches: readonly LakeBatch[]): Promise<void> {
    const known = await world()
    const keys = new Map(batches.map((batch) => [path.join(lake, batch.key, 'transactions.parquet'), batch]))
    const about = await ask(`SELECT file_name, decode(key) AS key, decode(value) AS value
FROM parquet_kv_metadata([${[...keys.keys()].map((file) => quote(literal(file))).join(', ')}]) WHERE decode(key) IN ('retail.world', 'retail.content')`)
    for (const { file_name, key, value } of about) {
      const batch = keys.get(String(file_name))
      if (!batch) continue
      const { from, to } = batch
      if (key === 'retail.world' && known !== undefined && value !== known)
        strangers.set(batch.key, foreignTo(`${value}`))
      else if (key === 'retail.content' && value !== batchContent(from, to) && !strangers.has(batch.key))
        strangers.set(batch.key, otherContent('transactions', `${value}`))
    }
  }

  /** The first stranger among these batches. */
  function troubleIn(batches: readonly LakeBatch[]): string | undefined {
    const stranger = batches.find(({ key }) => strangers.has(key))
    return stranger && `${stranger.key} cannot be used: ${strangers.get(stranger.key)?.why}`
  }

  return {
    async news(): Promise<News | undefined> {
      // Also the previous generation: its last batches may have been written and rolled between two looks.
      const named = namesIn(live)
        .slice(-2)
        .flatMap((generation) => namesIn(path.join(live, generation)).map((name) => `${LIVE}/${generation}/${name}`))
        .map(parseBatchKey)
        .filter((batch) => batch !== undefined)
        .sort((a, b) => a.to - b.to)
      const isFresh = ({ key, from, to }: LakeBatch) => to > seen && to > from && !strangers.has(key)
      const looked = named.filter(isFresh).slice(-MOST_BATCHES)
      if (looked.length > 0) await lookInto(looked)
      const found = troubleIn(named)
      const trouble = found === undefined ? {} : { trouble: found }
      const batches = named.filter(({ key }) => !strangers.has(key))
      const position = batches.at(-1)?.to
      if (position === undefined) return undefined
      const fresh = batches.filter(isFresh).slice(-MOST_BATCHES)
      if (fresh.length === 0) return { position: Math.max(position, seen), lines: 0, last, ...trouble }
      const files = fresh.map(({ key }) => fileOf(key))
      const first = seen < 0
      const rows = first ? [] : await ask(`SELECT count(*) AS lines FROM ${readParquet(files)}`)
      const sold = await newest(files)
      last = [...sold, ...last].slice(0, NEWEST)
      seen = position
      return { position, lines: Number(rows[0]?.lines ?? 0), last, ...trouble }
    },

    async [Symbol.asyncDispose]() {
      await (await database)?.[Symbol.asyncDispose]()
    },
  }
}
