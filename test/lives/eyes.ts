import fs from 'node:fs'
import path from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import { folderLake } from '../../src/adapters/local/folder-lake.ts'
import { coverOf } from '../../src/ports/index.ts'
import { batchFile } from '../../src/ports/layout.ts'
import { parseDay, type Second } from '../../src/time.ts'

/** What the workspace has promised: what a command that succeeded left is never less from then on. */
export interface Promised {
  history: Second
  live: Second
  published: boolean
  marts: boolean
  /** what retail.yaml says */
  config: string
}

export const NOTHING: Promised = { history: 0, live: 0, published: false, marts: false, config: '' }

const FACTS = ['transactions', 'inventories'] as const
type Fact = (typeof FACTS)[number]
const SUMS: Record<Fact, string> = {
  transactions: `count(*), count(DISTINCT transaction_id), sum(quantity), sum(unit_price), sum(hash(transaction_id, product_id, store_id, "timestamp", quantity, unit_price))`,
  inventories: `count(*), count(DISTINCT inventory_id), sum(quantity_change), sum(hash(inventory_id, product_id, store_id, "timestamp", quantity_change))`,
}

/** What is in a workspace, when all of it is as it must be. */
type Seen = Omit<Promised, 'config'> & { identified: boolean }

/** Our own look at a workspace: plain SQL over its files, compared with all that an undisturbed life has sold. */
export class Eyes {
  /** by the files it was seen in: what did not change is not read again */
  private readonly known = new Map<string, Seen>()
  private readonly ask: (sql: string) => Promise<string>
  private readonly close: () => void

  private constructor(ask: (sql: string) => Promise<string>, close: () => void) {
    this.ask = ask
    this.close = close
  }

  /** Remembers what an undisturbed life ended with. */
  static async of(folder: string): Promise<Eyes> {
    const instance = await DuckDBInstance.create(':memory:', { threads: '1' })
    const connection = await instance.connect()
    const ask = async (sql: string) => JSON.stringify((await connection.runAndReadAll(sql)).getRowsJson())
    await connection.run(`ATTACH '${folder}/retail.duckdb' AS shop (READ_ONLY)`)
    for (const fact of FACTS) await connection.run(`CREATE TABLE true_${fact} AS FROM shop.raw.${fact}`)
    await connection.run('DETACH shop')
    return new Eyes(ask, () => {
      connection.closeSync()
      instance.closeSync()
    })
  }

  /** Throws at the first violation. Everything that exists is promised from now on. `changing`: retail.yaml may be changing. */
  async look(folder: string, promised: Promised, changing = false): Promise<Promised> {
    const config = fs.existsSync(`${folder}/retail.yaml`) ? fs.readFileSync(`${folder}/retail.yaml`, 'utf8') : ''
    must(config === promised.config || changing, `retail.yaml says ${JSON.stringify(config)}`)
    const { identified, ...seen } = await this.seen(folder)
    if (!identified) {
      must(!promised.published, 'the lake has forgotten its world')
      return { ...promised, config }
    }
    must(seen.history >= promised.history, `history ends at ${seen.history}, it was at ${promised.history}`)
    must(seen.live >= promised.live, `the stream is at ${seen.live}, it was at ${promised.live}`)
    must(seen.published || !promised.published, 'retail.duckdb is gone')
    must(seen.marts || !promised.marts, 'the marts are gone')
    return { ...seen, config }
  }

  private async seen(folder: string): Promise<Seen> {
    const files = [...stampsIn(path.join(folder, 'lake')), stampOf(path.join(folder, 'retail.duckdb'))].join('\n')
    const known = this.known.get(files)
    if (known) return known
    const seen = await this.read(folder)
    this.known.set(files, seen)
    return seen
  }

  private async read(folder: string): Promise<Seen> {
    const lake = folderLake(path.join(folder, 'lake'))
    const identity = await lake.identity()
    if (!identity) return { history: 0, live: 0, published: false, marts: false, identified: false }
    const cover = coverOf(await lake.layout(), parseDay(identity.historyFrom)!, identity.blocks)
    must(cover.gaps.length === 0, `there are gaps: ${JSON.stringify(cover.gaps)}`)
    const batches = [...cover.batches, ...cover.open]
    for (const batch of batches)
      for (const fact of FACTS)
        must(fs.existsSync(path.join(folder, 'lake', batchFile(batch, fact))), `${batch.key} has no ${fact}`)
    for (const fact of FACTS) {
      const files = [
        ...[...cover.parts, ...cover.longParts].filter(({ table }) => table === fact).map(({ key }) => key),
        ...batches.map((batch) => batchFile(batch, fact)),
      ].map((key) => `'${path.join(folder, 'lake', key)}'`)
      if (files.length === 0) continue
      const long =
        cover.longParts.length > 0
          ? `WHERE "timestamp" < make_timestamp(${cover.history * 1_000_000}) OR filename NOT LIKE '%/block-%'`
          : ''
      const found = `FROM read_parquet([${files.join(', ')}], filename = true, hive_partitioning = false) ${long}`
      await this.same(fact, found, `"timestamp" < make_timestamp(${cover.live * 1_000_000})`, 'the lake')
    }
    for (const fact of FACTS) {
      const logged = loggedFiles(path.join(folder, 'lake', fact))
      if (logged.length === 0) continue
      const found = `FROM read_parquet([${logged.map((file) => `'${file}'`).join(', ')}], hive_partitioning = false)`
      await this.same(fact, found, `"timestamp" <= (SELECT max("timestamp") ${found})`, 'the log of the table')
    }
    return { history: cover.history, live: cover.live, ...(await this.database(folder)), identified: true }
  }

  /** The public database: it holds everything up to an instant, once, and its marts everything up to theirs. */
  private async database(folder: string): Promise<Pick<Promised, 'published' | 'marts'>> {
    const file = path.join(folder, 'retail.duckdb')
    if (!fs.existsSync(file)) return { published: false, marts: false }
    await this.ask(`ATTACH '${file}' AS shop (READ_ONLY)`)
    try {
      for (const fact of FACTS)
        await this.same(
          fact,
          `FROM shop.raw.${fact}`,
          `"timestamp" <= (SELECT max("timestamp") FROM shop.raw.${fact})`,
          'raw',
        )
      const marts =
        (await this.ask(
          `FROM duckdb_tables() SELECT 1 WHERE database_name = 'shop' AND table_name = 'daily_sales'`,
        )) !== '[]'
      if (marts) {
        const [[text]] = JSON.parse(await this.ask('SELECT about FROM shop.meta.published')) as [[string]]
        const { live } = (JSON.parse(text) as { marts: { live: Second } }).marts
        const sold = await this.ask('SELECT sum(lines), sum(units), sum(revenue) FROM shop.marts.daily_sales')
        const truth = await this.ask(
          `SELECT count(*), sum(quantity), sum(quantity * unit_price) FROM true_transactions WHERE "timestamp" < make_timestamp(${live * 1_000_000})`,
        )
        must(plain(sold) === plain(truth), `the marts hold ${sold}, not ${truth}`)
        await this.stock(live)
      }
      return { published: true, marts }
    } finally {
      await this.ask('DETACH shop')
    }
  }

  /** Each product of each store has all its movements once, and so has each month. */
  private async stock(live: Second): Promise<void> {
    const moved = `FROM true_inventories WHERE "timestamp" < make_timestamp(${live * 1_000_000})`
    const held = await this.ask(
      'SELECT sum(hash(store_id, product_id, on_hand, last_moved_at)), count(*) FROM shop.marts.stock_on_hand',
    )
    const truth = await this.ask(`SELECT sum(hash(store_id, product_id, on_hand, last_moved_at)), count(*) FROM (
      SELECT store_id, product_id, CAST(sum(quantity_change) AS BIGINT) AS on_hand, max("timestamp") AS last_moved_at ${moved} GROUP BY ALL)`)
    must(held === truth, `the stock on hand is ${held}, not ${truth}`)
    const months = await this.ask(
      'SELECT month, sum(quantity_change), sum(movements) FROM shop.marts.monthly_inventory GROUP BY 1 ORDER BY 1',
    )
    const those = await this.ask(
      `SELECT CAST(date_trunc('month', "timestamp") AS DATE), sum(quantity_change), count(*) ${moved} GROUP BY 1 ORDER BY 1`,
    )
    must(plain(months) === plain(those), `months of movements are ${months}, not ${those}`)
  }

  private async same(fact: Fact, found: string, until: string, where: string): Promise<void> {
    const [have, truth] = [
      await this.ask(`SELECT ${SUMS[fact]} ${found}`),
      await this.ask(`SELECT ${SUMS[fact]} FROM true_${fact} WHERE ${until}`),
    ]
    must(have === truth, `${where} holds ${fact} ${have}, not ${truth}`)
  }

  [Symbol.dispose](): void {
    this.close()
  }
}

/** The files that the log of a Delta table names: every commit in turn. */
function loggedFiles(folder: string): string[] {
  const log = path.join(folder, '_delta_log')
  if (!fs.existsSync(log)) return []
  const files = new Set<string>()
  const commits = fs
    .readdirSync(log)
    .filter((name) => name.endsWith('.json'))
    .sort()
  for (const [version, name] of commits.entries()) {
    must(Number(name.slice(0, 20)) === version, `the log of ${folder} lacks version ${version}`)
    for (const line of fs.readFileSync(path.join(log, name), 'utf8').trim().split('\n')) {
      const { add, remove } = JSON.parse(line) as { add?: { path: string }; remove?: { path: string } }
      if (remove)
        must(files.delete(path.join(folder, remove.path)), `${name} removes ${remove.path}, which it does not name`)
      if (add) files.add(path.join(folder, add.path))
    }
  }
  for (const file of files) must(fs.existsSync(file), `the log of ${folder} names ${file}, which does not exist`)
  return [...files]
}

/** Distinguishes the files of a folder from others, without those that are still being written. */
function stampsIn(folder: string): string[] {
  if (!fs.existsSync(folder)) return []
  return fs.readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const file = path.join(folder, entry.name)
    if (!entry.isDirectory()) return [stampOf(file)]
    return entry.name === '.tmp' ? [] : [file, ...stampsIn(file)]
  })
}

function stampOf(file: string): string {
  const stat = fs.statSync(file, { throwIfNoEntry: false, bigint: true })
  return `${file} ${stat?.ino} ${stat?.size} ${stat?.mtimeNs}`
}

const plain = (json: string): string => json.replaceAll(/\.0+"/g, '"').replaceAll('"', '')

function must(fact: boolean, otherwise: string): asserts fact {
  if (!fact) throw new Error(otherwise)
}
