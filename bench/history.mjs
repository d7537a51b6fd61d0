import { median, millions, paired, ratios, same, spread, table } from './paired.mjs'
import { forget, openDuckdb, peer, retail, writeConfig } from './tool.mjs'

/** Backfill against DuckDB's `COPY` of the same columns and rows, and against itself with one worker. */
export async function history({ folder, small }) {
  const rounds = small ? 2 : 6
  const world = small ? { stores: 60, to: '2024-02-29' } : { stores: 1000, to: '2024-03-31' }
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
  const copy = async () => (await peer(folder, 'peer-copy.mjs', transactions, inventories, world.stores, 2000)).seconds
  const samples = await paired(rounds, {
    'backfill, 2 workers': backfill(2),
    'DuckDB COPY': copy,
    'backfill, 1 worker': backfill(1),
  })
  await countPeer(folder, transactions, inventories)
  const [ours, theirs, one] = Object.values(samples)
  const speed = (seconds) => seconds.map((value) => rows / value)
  return {
    title: 'History',
    about: `${transactions.toLocaleString('en-US')} lines and ${inventories.toLocaleString('en-US')} movements, the five and six columns of the default schema, to Parquet on disk. Whole processes, ${rounds} rounds. The peer writes the same number of rows of the same columns from \`range()\`: ids and codes built in SQL, no model behind them, two files, no fsync; ours simulates, syncs, and publishes a database.`,
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
    ],
    goals: [
      ['backfill, whole process', '≥ 5 M rows/s', spread(speed(ours), millions), median(speed(ours)) >= 5e6],
      [
        'backfill / DuckDB `COPY`',
        '≥ 8 × (floor of PERFORMANCE.md)',
        spread(ratios(theirs, ours)),
        median(ratios(theirs, ours)) >= 8,
      ],
      ['2 workers / 1', '≥ 1.2 ×', spread(ratios(one, ours)), median(ratios(one, ours)) >= 1.2],
    ],
  }
}

async function countPeer(folder, transactions, inventories) {
  const database = await openDuckdb()
  for (const [name, rows] of [
    ['transactions', transactions],
    ['inventories', inventories],
  ]) {
    const [{ n }] = await database.rows(`SELECT count(*)::INT AS n FROM read_parquet('${folder}/${name}.parquet')`)
    same(`rows of the peer's ${name}`, n, rows)
  }
  database.close()
}
