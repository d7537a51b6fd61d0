import { mkdirSync, readdirSync, statSync } from 'node:fs'
import path from 'node:path'
import { median, megabytes, paired, ratios, same, spread, table } from './paired.mjs'
import { forget, openDuckdb, retail, writeConfig } from './tool.mjs'

const QUERIES = {
  'count and sum': (t) => `SELECT count(*), sum(quantity * unit_price) FROM ${t}`,
  'group by store and day': (t) => `SELECT store_id, CAST(timestamp AS DATE), sum(quantity) FROM ${t} GROUP BY ALL`,
  'scan of ids': (t) => `SELECT max(transaction_id), sum(length(transaction_id)) FROM ${t}`,
}

/** Queries over our files, against the same rows in the same number of files written by DuckDB. */
export async function scan({ folder, small }) {
  const rounds = small ? 3 : 9
  writeConfig(folder, small ? { stores: 60, to: '2024-02-29' } : { stores: 1000, to: '2024-03-31' })
  forget(folder)
  await retail(folder, 'backfill')
  const database = await openDuckdb()
  const ours = path.join(folder, 'lake/transactions')
  const [theirs, zstd] = ['snappy', 'zstd'].map((name) => path.join(folder, 'lake', name))
  for (const [to, compression] of [
    [theirs, 'snappy'],
    [zstd, 'zstd'],
  ])
    for (const file of filesOf(ours)) {
      mkdirSync(path.dirname(path.join(to, file)), { recursive: true })
      await database.run(
        `COPY (SELECT * FROM read_parquet('${ours}/${file}', hive_partitioning = false)) TO '${to}/${file}' (FORMAT parquet, COMPRESSION ${compression})`,
      )
    }
  const glob = (at) => `read_parquet('${at}/*/*.parquet', hive_partitioning = false)`
  const [count] = await database.rows(
    `SELECT (SELECT count(*)::INT FROM ${glob(ours)}) AS a, (SELECT count(*)::INT FROM ${glob(theirs)}) AS b`,
  )
  same('rows', count.a, count.b)
  const rows = []
  const goals = []
  for (const [name, query] of Object.entries(QUERIES)) {
    const time = (at) => async () => {
      const start = performance.now()
      await database.rows(query(glob(at)))
      return performance.now() - start
    }
    await time(ours)()
    await time(theirs)()
    const samples = await paired(rounds, { ours: time(ours), theirs: time(theirs) })
    const speed = ratios(samples.theirs, samples.ours)
    rows.push([
      name,
      spread(samples.ours, (v) => v.toFixed(0)),
      spread(samples.theirs, (v) => v.toFixed(0)),
      spread(speed),
    ])
    const least = name === 'scan of ids' ? 0.95 : 0.8
    goals.push([`${name}: our files / DuckDB's own`, `≥ ${least} ×`, spread(speed), median(speed) >= least])
  }
  const bytes = (at) => filesOf(at).reduce((sum, file) => sum + statSync(path.join(at, file)).size, 0)
  const sizes = Object.entries({ ours, 'DuckDB, snappy': theirs, 'DuckDB, zstd': zstd }).map(([name, at]) => [
    name,
    megabytes(bytes(at)),
    (bytes(at) / count.a).toFixed(1),
  ])
  goals.push([
    'size: ours / DuckDB snappy',
    '≤ 1.05 ×',
    `${(bytes(ours) / bytes(theirs)).toFixed(2)} ×`,
    bytes(ours) <= 1.05 * bytes(theirs),
  ])
  goals.push([
    'size: ours / DuckDB zstd',
    'none',
    `${(bytes(ours) / bytes(zstd)).toFixed(2)} ×`,
    bytes(ours) <= bytes(zstd),
  ])
  const files = filesOf(ours).length
  database.close()
  forget(folder)
  return {
    title: 'Read the files',
    about: `${count.a.toLocaleString('en-US')} lines in ${files} parts, and the same rows, copied part by part with DuckDB. One process, two threads, warm; ${rounds} rounds. A ratio over 1 means that retail's files are faster to read.`,
    tables: [
      table(['query', 'ours ms', 'DuckDB snappy ms', 'speed'], rows),
      table(['files', 'MB', 'bytes per row'], sizes),
    ],
    goals,
  }
}

const filesOf = (at) =>
  readdirSync(at, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.parquet'))
