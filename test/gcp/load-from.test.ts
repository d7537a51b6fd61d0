import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openDatabase } from '../../src/adapters/local/duckdb.ts'
import type { LoadBatchesResult, StreamToResult } from '../../src/pipeline/results.ts'
import { type FactName, facts } from '../../src/tables/index.ts'
import { type Peers, startPeers } from '../peers/peers.ts'
import { type Cloud, makeCloud } from './cloud.ts'

let peers: Peers
beforeAll(async () => void (peers = await startPeers()))
afterAll(() => peers?.stop())

const KINDS: Record<FactName, string> = {
  transactions:
    'transaction_id, product_id, "timestamp"::TIMESTAMPTZ AS "timestamp", quantity::INT AS quantity, unit_price::DECIMAL(10,2) AS unit_price, store_id',
  inventories:
    'inventory_id, product_id, "timestamp"::TIMESTAMPTZ AS "timestamp", quantity_change::INT AS quantity_change, store_id',
}

/** The files of spark/ingest.py in a folder of the bucket, a batch for each folder of events; resolves to the number of batches. */
async function writeBatches(cloud: Cloud, prefix: string): Promise<number> {
  const out = path.join(cloud.folder, 'out')
  await using database = await openDatabase(path.join(cloud.folder, 'spark.duckdb'))
  const events = readdirSync(path.join(cloud.folder, 'events')).filter((name) => name.includes('Z-'))
  for (const { name: table } of facts) {
    const lists = path.join(out, table, '_batches')
    mkdirSync(lists, { recursive: true })
    for (const [i, batch] of events.entries()) {
      const name = `6a0f0b5e-4a0e-4d1c-9d5f-1f1f6c3f9b1e-${i}`
      await database.run(
        `COPY (SELECT ${KINDS[table]}, "timestamp"::DATE AS day, '${name}' AS batch FROM '${cloud.folder}/events/${batch}/${table}.ndjson')
         TO '${out}/${table}' (FORMAT parquet, PARTITION_BY (day, batch), OVERWRITE_OR_IGNORE, FILENAME_PATTERN 'part-{uuid}')`,
      )
      const all = readdirSync(path.join(out, table), { recursive: true, encoding: 'utf8' })
      const files = all.filter((file) => file.endsWith('.parquet') && file.includes(name))
      const [{ rows }] = await database.query(
        `SELECT count(*)::INT AS rows FROM '${out}/${table}/*/batch=${name}/*.parquet'`,
      )
      writeFileSync(path.join(lists, `${name}.json`), JSON.stringify({ rows, files }))
    }
  }
  const bucket = cloud.storage.bucket(cloud.names.bucket)
  for (const file of readdirSync(out, { recursive: true, encoding: 'utf8' }))
    if (/\.(parquet|json)$/.test(file)) await bucket.upload(path.join(out, file), { destination: `${prefix}/${file}` })
  return events.length * facts.length
}

test('batches of Spark reach raw exactly once, whoever loads them, however often, and wherever it was killed', async () => {
  const cloud = await makeCloud(peers, { stores: 6, lines: 40, to: '2024-01-05' })
  const until = '--speed max --until 2024-01-08'
  const files = await cloud.json<StreamToResult>(`stream --to ndjson:events?size=20kB ${until}`)
  const { rows } = files
  expect(files.code).toBe(0)
  const count = await writeBatches(cloud, 'spark/out')
  const line = `load --from gs://${cloud.names.bucket}/spark/out`
  const inRaw = async () => {
    const [found] = await cloud.query<Record<FactName, number>>(
      "SELECT (SELECT COUNT(*) FROM raw.transactions WHERE `timestamp` >= TIMESTAMP '2024-01-06 00:00:00+00') AS transactions, (SELECT COUNT(*) FROM raw.inventories WHERE `timestamp` >= TIMESTAMP '2024-01-06 00:00:00+00') AS inventories",
    )
    return found
  }

  const planned = await cloud.json<LoadBatchesResult>(`${line} --dry-run`)
  expect(planned).toMatchObject({ code: 0, dryRun: true, batches: { found: count, loaded: count }, rows })
  // It has not even claimed the table.
  const [{ labels = {} }] = await cloud.bigquery.dataset(cloud.names.datasets.raw).table('transactions').getMetadata()
  expect(labels).toEqual({})
  for (const line of ['seed-dims', 'backfill', `stream ${until}`])
    expect(await cloud.retail(line)).toMatchObject({ code: 0 })
  const dying = cloud.start(`${line} --json`)
  await new Promise((resolve) => dying.stdout!.once('data', resolve))
  dying.kill('SIGKILL')
  await dying.ended
  const both = await Promise.all([cloud.json<LoadBatchesResult>(line), cloud.json<LoadBatchesResult>(line)])
  for (const { code, stopped } of both) expect([code, stopped]).toEqual([0, false])
  expect(await inRaw()).toEqual(rows)

  // What a loader leaves that is killed between its jobs and the notes about them.
  const bucket = cloud.storage.bucket(cloud.names.bucket)
  for (const { name } of facts) await bucket.deleteFiles({ prefix: `spark/out/${name}/_loaded/` })
  expect(await cloud.json<LoadBatchesResult>(line)).toMatchObject({ code: 0, batches: { found: count, loaded: count } })
  expect(await inRaw()).toEqual(rows)
  // Files of a loaded batch may be removed.
  await bucket.deleteFiles({ prefix: 'spark/out/transactions/day=' })
  const again = await cloud.retail(line)
  expect([again.code, again.stdout]).toEqual([
    0,
    expect.stringContaining(`Nothing to load: raw has all ${count} batches`),
  ])

  for (const step of ['transform', 'verify']) expect(await cloud.retail(step)).toMatchObject({ code: 0 })

  // A batch of which a file is missing is not loaded, and named.
  const list = { rows: 1, files: ['day=2024-01-08/batch=x-9/part-0.parquet'] }
  await bucket.file('spark/out/transactions/_batches/x-9.json').save(JSON.stringify(list))
  const missing = await cloud.retail(line)
  expect([missing.code, missing.stderr]).toEqual([1, expect.stringMatching(/_batches\/x-9\.json names day=2024-01-08/)])
  expect(await inRaw()).toEqual(rows)
})

test('folders without batches, and folders of this machine, are refused', async () => {
  const cloud = await makeCloud(peers, { stores: 3, lines: 20, to: '2024-01-02' })
  expect(await cloud.retail(`load --from gs://${cloud.names.bucket}/none`)).toMatchObject({ code: 3 })
  const here = await cloud.retail('load --from out')
  expect([here.code, here.stderr]).toEqual([2, expect.stringContaining('gcloud storage cp')])
  expect(await cloud.retail('load --from gs://b/out --follow')).toMatchObject({ code: 2 })
})
