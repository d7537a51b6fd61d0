import { mkdirSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { megabytes, millions, table } from './paired.mjs'
import { bin, forget, openDuckdb, retail, timed, writeConfig } from './tool.mjs'

/** The tables of a pipeline: other names and types, ordered by time instead of by store. */
const SALES = `transaction_id AS sale_id, product_id AS sku, "timestamp"::TIMESTAMPTZ AS sold_at, quantity::BIGINT AS qty, unit_price::DOUBLE AS price, store_id AS shop`
const MOVES = `inventory_id AS move_id, product_id AS sku, "timestamp"::TIMESTAMPTZ AS moved_at, quantity_change::BIGINT AS delta, store_id AS shop`
/** Rows of one damage each, of a thousand that a hash selects: as SQL over the rows of `SALES`, with `k` from 0 to 999. */
const DAMAGE = `
SELECT CASE WHEN k BETWEEN 0 AND 49 THEN 'x' || md5(sale_id) WHEN k BETWEEN 50 AND 89 THEN substr(sale_id, 1, 13) || '9' || substr(sale_id, 15) WHEN k BETWEEN 90 AND 109 THEN NULL ELSE sale_id END AS sale_id,
  CASE WHEN k BETWEEN 110 AND 199 THEN 'P00000' ELSE sku END AS sku,
  CASE WHEN k BETWEEN 200 AND 299 THEN sold_at - INTERVAL 5 HOUR WHEN k BETWEEN 300 AND 319 THEN sold_at + INTERVAL 1 MICROSECOND WHEN k BETWEEN 320 AND 339 THEN NULL ELSE sold_at END AS sold_at,
  CASE WHEN k BETWEEN 340 AND 439 THEN qty + 1 ELSE qty END AS qty,
  CASE WHEN k BETWEEN 440 AND 559 THEN price + 0.01 WHEN k BETWEEN 560 AND 579 THEN 'NaN' WHEN k BETWEEN 580 AND 599 THEN NULL ELSE price END AS price,
  CASE WHEN k BETWEEN 600 AND 699 THEN 'S0000' ELSE shop END AS shop
FROM theirs WHERE k IS NULL OR k < 850
UNION ALL SELECT sale_id, sku, sold_at, qty, price, shop FROM theirs WHERE k BETWEEN 700 AND 849`

/**
 * `grade` of both tables in foreign types, 200 million rows together: clean, with a thousand damaged rows, and with every
 * row wrong. Time, CPU time, and peak memory of whole processes.
 */
export async function grade({ folder, small }) {
  writeConfig(folder, { stores: small ? 60 : 1000, to: '2024-03-31', lines_per_store_day: 1080 })
  forget(folder)
  await retail(folder, 'seed-dims')
  await retail(folder, 'backfill')
  const out = path.join(folder, 'out')
  await writeTables(folder, out)
  forget(folder)
  const results = []
  for (const [name, sales, moves] of [
    ['clean', 'clean-sales', 'clean-moves'],
    ['1,000 damaged rows', 'damaged-sales', 'clean-moves'],
    ['all rows wrong', 'wrong-sales', 'wrong-moves'],
  ])
    results.push({ name, ...(await watched(folder, `out/${sales}`, `out/${moves}`)) })
  const [clean, damaged, wrong] = results
  const peak = Math.max(...results.map(({ peakBytes }) => peakBytes))
  const within = ({ seconds }, most) => [`≤ ${most}`, seconds.toFixed(0), seconds <= most]
  return {
    title: "Grade somebody's tables",
    about: `\`retail grade --transactions --inventories\` of Parquet files in other types than ours (instants with a zone, prices as doubles, 64-bit quantities), ordered by time: clean, with 1,000 damaged sale lines, and with every timestamp five hours early and every price in cents${small ? ' (here: 60 stores)' : ''}. Whole processes, one run each.`,
    tables: [
      table(
        ['', 'rows', 'seconds', 'CPU seconds', 'million rows/s', 'peak MB', 'differences', 'causes'],
        results.map(({ name, rows, seconds, cpuSeconds, peakBytes, differences, causes }) => [
          name,
          rows.toLocaleString('en-US'),
          seconds.toFixed(1),
          cpuSeconds.toFixed(1),
          millions(rows / seconds),
          megabytes(peakBytes),
          differences.toLocaleString('en-US'),
          causes.join('; '),
        ]),
      ),
    ],
    goals: [
      ['grade, seconds, rows that are right', ...within(clean, 60)],
      ['grade, seconds, 1,000 damaged rows', ...within(damaged, 90)],
      ['grade, seconds, all rows wrong', ...within(wrong, 90)],
      ['grade, peak memory', '≤ 512 MB', megabytes(peak), peak <= 512e6],
      [
        'differences of 1,000 damaged rows, of which 110 are missing and unexpected',
        '1,110',
        damaged.differences.toLocaleString('en-US'),
        damaged.differences === 1110,
      ],
    ],
  }
}

async function writeTables(folder, out) {
  const connection = await openDuckdb(path.join(folder, 'bench.duckdb'))
  const months = readdirSync(path.join(folder, 'lake/transactions')).filter((name) => name.startsWith('month='))
  /** A file for each month. */
  const write = async (to, sqlOf) => {
    mkdirSync(path.join(out, to), { recursive: true })
    for (const month of months)
      await connection.run(
        `COPY (${sqlOf(month)}) TO '${path.join(out, to, `${month.replace('=', '-')}.parquet`)}' (FORMAT parquet)`,
      )
  }
  const lake = (name, month) => `'${path.join(folder, 'lake', name, month, '*.parquet')}'`
  const clean = (name, month) => `'${path.join(out, `clean-${name}`, `${month.replace('=', '-')}.parquet`)}'`
  try {
    await connection.run("SET TimeZone = 'UTC'")
    await connection.run('SET preserve_insertion_order = true')
    await write('clean-sales', (month) => `SELECT ${SALES} FROM ${lake('transactions', month)} ORDER BY sold_at`)
    await write('clean-moves', (month) => `SELECT ${MOVES} FROM ${lake('inventories', month)} ORDER BY moved_at`)
    await connection.run(
      `CREATE TABLE picked AS SELECT sale_id, row_number() OVER (ORDER BY hash(sale_id)) - 1 AS k FROM (SELECT sale_id FROM ${clean('sales', '*')} WHERE hash(sale_id) % 1000 = 7) QUALIFY k < 1000`,
    )
    await write(
      'damaged-sales',
      (month) =>
        `WITH theirs AS (SELECT c.*, p.k FROM ${clean('sales', month)} c LEFT JOIN picked p USING (sale_id)) ${DAMAGE}`,
    )
    await write(
      'wrong-sales',
      (month) =>
        `SELECT * REPLACE (sold_at - INTERVAL 5 HOUR AS sold_at, price * 100 AS price) FROM ${clean('sales', month)}`,
    )
    await write(
      'wrong-moves',
      (month) => `SELECT * REPLACE (moved_at - INTERVAL 5 HOUR AS moved_at) FROM ${clean('moves', month)}`,
    )
  } finally {
    connection.close()
  }
}

/** One run, with the peak memory and the CPU time that the child process reports when it ends. */
async function watched(folder, sales, moves) {
  const peak = path.join(import.meta.dirname, 'peak.mjs')
  const words = ['grade', '--transactions', sales, '--inventories', moves, '--until', '2024-04-01', '--json']
  const command = ['--import', peak, bin, ...words]
  const { seconds, result } = await timed(process.execPath, command, folder, undefined, [0, 6])
  const sum = (of) => result.tables.reduce((n, each) => n + of(each), 0)
  const said = (name) => Number(readFileSync(path.join(folder, name), 'utf8'))
  return {
    ...{ seconds, cpuSeconds: said('cpu'), peakBytes: said('peak') },
    rows: sum(({ found }) => found),
    differences: sum(({ counts }) => Object.values(counts).reduce((n, count) => n + count, 0)),
    causes: result.tables.flatMap(({ causes }) => causes),
  }
}
