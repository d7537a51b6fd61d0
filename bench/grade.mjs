import { mkdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { median, megabytes, millions, spread, table } from './paired.mjs'
import { bin, forget, openDuckdb, retail, timed, writeConfig } from './tool.mjs'

/** A pipeline's table: other names and types, ordered by time instead of by store. */
const FOREIGN = `transaction_id AS sale_id, product_id AS sku, "timestamp"::TIMESTAMPTZ AS sold_at, quantity::BIGINT AS qty, unit_price::DOUBLE AS price, store_id AS shop`
/** Rows of one damage each, of a thousand that a hash selects: as SQL over the rows of \`FOREIGN\`, with \`k\` from 0 to 999. */
const DAMAGE = `
SELECT CASE WHEN k BETWEEN 0 AND 49 THEN 'x' || md5(sale_id) WHEN k BETWEEN 50 AND 89 THEN substr(sale_id, 1, 13) || '9' || substr(sale_id, 15) WHEN k BETWEEN 90 AND 109 THEN NULL ELSE sale_id END AS sale_id,
  CASE WHEN k BETWEEN 110 AND 199 THEN 'P00000' ELSE sku END AS sku,
  CASE WHEN k BETWEEN 200 AND 299 THEN sold_at - INTERVAL 5 HOUR WHEN k BETWEEN 300 AND 319 THEN sold_at + INTERVAL 1 MICROSECOND WHEN k BETWEEN 320 AND 339 THEN NULL ELSE sold_at END AS sold_at,
  CASE WHEN k BETWEEN 340 AND 439 THEN qty + 1 ELSE qty END AS qty,
  CASE WHEN k BETWEEN 440 AND 559 THEN price + 0.01 WHEN k BETWEEN 560 AND 579 THEN 'NaN' WHEN k BETWEEN 580 AND 599 THEN NULL ELSE price END AS price,
  CASE WHEN k BETWEEN 600 AND 699 THEN 'S0000' ELSE shop END AS shop
FROM theirs WHERE k IS NULL OR k < 850
UNION ALL SELECT sale_id, sku, sold_at, qty, price, shop FROM theirs WHERE k BETWEEN 700 AND 849`

/** \`grade\` of a table of many rows in foreign types, clean and with a thousand damaged rows: time and peak memory. */
export async function grade({ folder, small }) {
  const rounds = small ? 1 : 3
  writeConfig(folder, { stores: small ? 60 : 1000, to: '2024-03-31', lines_per_store_day: 300 })
  forget(folder)
  await retail(folder, 'seed-dims')
  await retail(folder, 'backfill')
  const tables = await writeTables(folder)
  const results = []
  for (const [name, file] of Object.entries(tables)) {
    const result = { name, rows: 0, seconds: [], peaks: [], differences: 0 }
    for (let round = 0; round < rounds; round++) {
      const { seconds, result: graded, peakBytes } = await watched(folder, file)
      const [{ found, counts }] = graded.tables
      Object.assign(result, { rows: found, differences: Object.values(counts).reduce((sum, n) => sum + n, 0) })
      result.seconds.push(seconds)
      result.peaks.push(peakBytes)
    }
    results.push(result)
  }
  forget(folder)
  const [clean, damaged] = results
  const per200 = clean.seconds.map((seconds) => (seconds * 200e6) / clean.rows)
  const peak = Math.max(...results.flatMap(({ peaks }) => peaks))
  return {
    title: "Grade somebody's table",
    about: `\`retail grade --transactions\` of one Parquet file in other types than ours (instants with a zone, prices as doubles, 64-bit quantities), ordered by time: clean, with 1,000 damaged rows, and with every timestamp five hours early and every price in cents${small ? ' (here: 60 stores)' : ''}. Whole processes, ${rounds} rounds.`,
    tables: [
      table(
        ['', 'rows', 'seconds', 'million rows/s', 'peak MB', 'differences'],
        results.map(({ name, rows, seconds, peaks, differences }) => [
          name,
          rows.toLocaleString('en-US'),
          spread(seconds, (value) => value.toFixed(1)),
          millions(rows / median(seconds)),
          megabytes(median(peaks)),
          differences.toLocaleString('en-US'),
        ]),
      ),
    ],
    goals: [
      [
        'grade, seconds for 200 million rows that are right',
        '≤ 60',
        spread(per200, (value) => value.toFixed(0)),
        median(per200) <= 60,
      ],
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

async function writeTables(folder) {
  const out = path.join(folder, 'out')
  mkdirSync(out, { recursive: true })
  const connection = await openDuckdb(path.join(folder, 'bench.duckdb'))
  const copy = (sql, name) => connection.run(`COPY (${sql}) TO '${path.join(out, name)}' (FORMAT parquet)`)
  try {
    await connection.run("SET TimeZone = 'UTC'")
    await connection.run('SET preserve_insertion_order = true')
    const lake = path.join(folder, 'lake/transactions/*/*.parquet')
    await copy(`SELECT ${FOREIGN} FROM '${lake}' ORDER BY sold_at`, 'clean.parquet')
    const clean = `SELECT * FROM '${path.join(out, 'clean.parquet')}'`
    await connection.run(
      `CREATE TABLE picked AS SELECT sale_id, row_number() OVER (ORDER BY hash(sale_id)) - 1 AS k FROM (SELECT sale_id FROM (${clean}) WHERE hash(sale_id) % 1000 = 7) QUALIFY k < 1000`,
    )
    await connection.run(`CREATE VIEW theirs AS SELECT c.*, p.k FROM (${clean}) c LEFT JOIN picked p USING (sale_id)`)
    await copy(DAMAGE, 'damaged.parquet')
    await copy(
      `SELECT sale_id, sku, sold_at - INTERVAL 5 HOUR AS sold_at, qty, price * 100 AS price, shop FROM (${clean})`,
      'wrong.parquet',
    )
  } finally {
    connection.close()
  }
  return {
    clean: 'out/clean.parquet',
    '1,000 damaged rows': 'out/damaged.parquet',
    'all rows wrong': 'out/wrong.parquet',
  }
}

/** One run, and its peak memory, which the child process reports when it ends. */
async function watched(folder, file) {
  const peak = path.join(import.meta.dirname, 'peak.mjs')
  const words = ['grade', '--transactions', file, '--until', '2024-04-01', '--json']
  const { seconds, result } = await timed(
    process.execPath,
    ['--import', peak, bin, ...words],
    folder,
    undefined,
    [0, 6],
  )
  return { seconds, result, peakBytes: Number(readFileSync(path.join(folder, 'peak'), 'utf8')) }
}
