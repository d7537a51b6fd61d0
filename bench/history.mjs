import { statSync } from 'node:fs'
import path from 'node:path'
import { floor, median, millions, paired, ratios, same, spread, table } from './paired.mjs'
import { pythonTools } from './peer-tools.mjs'
import { USUAL } from './stateless.mjs'
import { forget, openDuckdb, peer, retail, timed, writeConfig } from './tool.mjs'

/** rows of TPC-H's lineitem at scale 1, nearly */
const LINEITEMS = 6_001_215

/** Backfill of 100 million rows against DuckDB's `COPY` of the same columns and rows, tpchgen-cli, and itself with one worker. */
export async function history({ folder, small }) {
  // All of it takes eight minutes on two quiet cores.
  const rounds = small ? 2 : 3
  const dense = small ? 115 : 550
  const world = {
    stores: small ? 60 : 1000,
    to: small ? '2024-02-29' : '2024-03-31',
    lines_per_store_day: dense,
  }
  writeConfig(folder, world)
  forget(folder)
  const warm = (await retail(folder, 'backfill')).result
  const { transactions, inventories } = warm.rows
  const rows = transactions + inventories
  const backfill = (workers) => async () => {
    forget(folder)
    const { seconds, result } = await retail(folder, `backfill --workers ${workers}`)
    same('rows of backfill', result.rows.transactions + result.rows.inventories, rows)
    return seconds
  }
  const copy = async () => {
    forget(folder)
    const rowsOf = [transactions, inventories]
    return (await peer(folder, 'peer-copy.mjs', ...rowsOf, world.stores, 2000, dense - 1)).seconds
  }
  const tpchgen = path.join(pythonTools(), 'tpchgen-cli')
  const scale = (rows / LINEITEMS).toFixed(3)
  const lineitem = async () =>
    (await timed(tpchgen, ['parquet', '-s', scale, '-T', 'lineitem', '--overwrite', '-q'], folder)).seconds
  const samples = await paired(rounds, {
    'backfill, 2 workers': backfill(2),
    'DuckDB COPY': copy,
    'tpchgen-cli lineitem': lineitem,
    'backfill, 1 worker': backfill(1),
  })
  const width = await readBack(folder, { transactions, inventories }, tpchgen)
  const usual = await defaultSize({ folder, small, rounds })
  const [ours, theirs, lineitems, one] = Object.values(samples)
  const speed = (seconds) => seconds.map((value) => rows / value)
  const text = ratios(lineitems, ours).map((ratio) => ratio * width)
  return {
    title: 'History',
    about: `${transactions.toLocaleString('en-US')} lines and ${inventories.toLocaleString('en-US')} movements, with the six and five columns of the default schema, written to Parquet on disk (${(warm.sizeBytes / 1e9).toFixed(2)} GB), ${dense} lines per store and day. Whole processes, ${rounds} rounds. DuckDB writes the same number of rows with the same columns from \`range()\`: SQL computes ids and codes, without a model, one statement per core side by side, without fsync. tpchgen-cli (Rust) writes the same number of rows of lineitem, with 16 columns, ${(1 / width).toFixed(1)} × as long as text, without fsync. retail simulates, syncs, and publishes a database.`,
    tables: [
      table(
        ['', 'seconds', 'million rows/s', 'backfill with 2 workers is'],
        Object.entries(samples).map(([name, seconds]) => [
          name,
          spread(seconds),
          spread(speed(seconds), millions),
          seconds === ours ? '' : `${spread(ratios(seconds, ours))} × as fast`,
        ]),
      ),
      table(
        ['default size', 'seconds', 'million rows/s', 'backfill is'],
        Object.entries(usual.samples).map(([name, seconds]) => [
          name,
          spread(seconds),
          spread(
            seconds.map((value) => usual.rows / value),
            millions,
          ),
          seconds === usual.samples.backfill ? '' : `${spread(ratios(seconds, usual.samples.backfill))} × as fast`,
        ]),
      ),
    ],
    goals: [
      ['backfill, whole process', '≥ 5 M rows/s', spread(speed(ours), millions), median(speed(ours)) >= 5e6],
      floor('backfill / DuckDB `COPY`, rows', 7, 12, ratios(theirs, ours)),
      floor(
        'default size: backfill / DuckDB `COPY`, rows',
        ...[3.5, 6, ratios(usual.samples['DuckDB COPY'], usual.samples.backfill)],
      ),
      [
        'default size: backfill, whole process',
        '≤ 2.0 s',
        `${spread(usual.samples.backfill)} s`,
        median(usual.samples.backfill) <= 2,
      ],
      floor('backfill / tpchgen-cli, rows', 6, 15, ratios(lineitems, ours)),
      floor('backfill / tpchgen-cli, bytes as text', 2, 6, text),
      floor('2 workers / 1', 1.2, 1.7, ratios(one, ours)),
    ],
  }
}

/** The world that `retail init --yes` makes: start-up and the dimensions count more. */
async function defaultSize({ folder, small, rounds }) {
  const stores = small ? 60 : 1000
  writeConfig(folder, { stores, to: small ? '2024-01-31' : '2024-03-31' })
  let each
  const samples = await paired(rounds, {
    backfill: async () => {
      forget(folder)
      const { seconds, result } = await retail(folder, 'backfill')
      each = result.rows
      return seconds
    },
    'DuckDB COPY': async () =>
      (await peer(folder, 'peer-copy.mjs', each.transactions, each.inventories, stores, 2000, USUAL)).seconds,
  })
  return { samples, rows: each.transactions + each.inventories }
}

/** Checks that the peers wrote readable rows in the requested number. Returns the bytes of our row as text relative to lineitem's. */
async function readBack(folder, rows, tpchgen) {
  const database = await openDuckdb()
  const one = async (select) => Object.values((await database.rows(select))[0]).map(Number)
  for (const [name, n] of Object.entries({ transactions: rows.transactions, inventories: rows.inventories })) {
    const [count] = await one(`SELECT count(*) FROM read_parquet('${folder}/${name}-*.parquet')`)
    same(`rows of the peer's ${name}`, count, n)
  }
  const [lineitems] = await one(`SELECT count(*) FROM read_parquet('${folder}/lineitem.parquet')`)
  const all = rows.transactions + rows.inventories
  if (Math.abs(lineitems / all - 1) > 0.005) throw new Error(`rows of lineitem: ${lineitems}, not ${all}`)
  const width = async (name) => {
    const [bytes] = await one(
      `SELECT avg(strlen(concat_ws(',', *COLUMNS(*))) + 1) FROM (FROM read_parquet('${folder}/lake/${name}/*/*.parquet', hive_partitioning = false) LIMIT 100000)`,
    )
    return bytes * rows[name]
  }
  const bytes = ((await width('transactions')) + (await width('inventories'))) / all
  database.close()
  await timed(tpchgen, ['tbl', '-s', '0.01', '-T', 'lineitem', '--overwrite', '-q'], folder)
  return bytes / (statSync(path.join(folder, 'lineitem.tbl')).size / (LINEITEMS / 100))
}
