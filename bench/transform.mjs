import { readFileSync, rmSync } from 'node:fs'
import path from 'node:path'
import { median, megabytes, same, spread, table } from './paired.mjs'
import { bin, forget, openDuckdb, retail, timed, writeConfig } from './tool.mjs'

/** CPU seconds that dbt takes to start, parse, and run nothing, by its own measure here. */
const DBT_START = 5

/**
 * `transform` of 100 million rows: the first one, one with nothing new, and one after a minute of the stream, against DuckDB that makes
 * the five large marts in plain SQL. CPU time, because other work takes turns with it on this machine.
 */
export async function transform({ folder, small }) {
  const rounds = small ? 1 : 2
  writeConfig(folder, {
    stores: small ? 60 : 1000,
    to: small ? '2024-02-29' : '2024-03-31',
    lines_per_store_day: small ? 115 : 550,
  })
  forget(folder)
  await retail(folder, 'seed-dims')
  const { rows } = (await retail(folder, 'backfill')).result
  const samples = { raw: [], first: [], nothing: [], minute: [], tests: [] }
  for (let round = 0; round < rounds; round++) {
    const file = path.join(folder, 'peer.duckdb')
    samples.raw.push(
      await used(folder, path.join(import.meta.dirname, 'peer-marts.mjs'), path.join(folder, 'lake'), file),
    )
    rmSync(file)
    samples.first.push(await transformed(folder, '--full-refresh'))
    if (round === 0) same('lines', await linesIn(folder), samples.raw[0].result.lines)
    samples.nothing.push(await transformed(folder))
    await retail(folder, 'stream --rate 500 --duration 60s')
    samples.minute.push(await transformed(folder))
    samples.tests.push(await transformed(folder, '--full-tests'))
  }
  forget(folder)
  const cpu = Object.fromEntries(Object.entries(samples).map(([name, all]) => [name, all.map((one) => one.cpu)]))
  const peak = Math.max(...[samples.first, samples.nothing, samples.minute].flat().map(({ peakBytes }) => peakBytes))
  const most = median(cpu.raw) * 1.5 + DBT_START
  const row = (name, key) => [
    name,
    spread(cpu[key], (value) => value.toFixed(1)),
    spread(
      samples[key].map(({ seconds }) => seconds),
      (value) => value.toFixed(1),
    ),
    megabytes(Math.max(...samples[key].map(({ peakBytes }) => peakBytes))),
  ]
  const all = rows.transactions + rows.inventories
  return {
    title: 'Transform',
    about: `\`retail transform\` in a workspace of ${all.toLocaleString('en-US')} rows, ${rounds === 1 ? 'one round' : `${rounds} rounds`}: from nothing, again with nothing new, after a minute of the stream at 500 events a second (the same day, in simulated time), and with nothing new but all tests. DuckDB creates daily_sales, stock_on_hand, monthly_stock, monthly_inventory, and monthly_product_sales in plain SQL, on two threads, without tests. Whole processes; CPU time of all of them; peak memory of the largest.`,
    tables: [
      table(
        ['', 'CPU seconds', 'seconds', 'peak MB'],
        [
          row('DuckDB, five marts in plain SQL', 'raw'),
          row('transform, from nothing', 'first'),
          row('transform, nothing new', 'nothing'),
          row('transform, a minute of stream', 'minute'),
          row('transform --full-tests', 'tests'),
        ],
      ),
    ],
    goals: [
      goal(
        'from nothing, CPU s',
        Number(most.toFixed(1)),
        cpu.first,
        `≤ ${most.toFixed(1)} (1.5 × DuckDB + ${DBT_START})`,
      ),
      goal('nothing new, CPU s', 7, cpu.nothing),
      goal('a minute of stream, CPU s', 8, cpu.minute),
      ['peak memory', '≤ 512 MB', `${megabytes(peak)} MB`, peak <= 512e6],
    ],
  }
}

const goal = (what, most, values, text = `≤ ${most}`) => [
  what,
  text,
  spread(values, (value) => value.toFixed(1)),
  median(values) <= most,
]

const transformed = (folder, ...flags) => used(folder, bin, 'transform', ...flags, '--json')

/** One run in Node: its result, its CPU time with that of its children, and the memory of the largest of them. */
async function used(folder, ...words) {
  const file = path.join(folder, 'used.json')
  const script = path.join(import.meta.dirname, 'usage.py')
  const { seconds, result } = await timed('python3', [script, file, process.execPath, ...words], folder)
  return { seconds, result, ...JSON.parse(readFileSync(file, 'utf8')) }
}

async function linesIn(folder) {
  const database = await openDuckdb(path.join(folder, 'retail.duckdb'))
  const [{ n }] = await database.rows('SELECT CAST(sum(lines) AS DOUBLE) AS n FROM marts.daily_sales')
  database.close()
  return n
}
