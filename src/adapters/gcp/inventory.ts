import type { BigQuery } from '@google-cloud/bigquery'
import type { Storage } from '@google-cloud/storage'
import type { Config } from '../../config/schema.ts'
import type { Inventory, TakeInventory } from '../../ports/index.ts'
import { cloudOf, openBigQuery, openStorage } from './clients.ts'
import { explainCloudError, isNotFound, isTransient, retrySite } from './retry.ts'

const PATIENCE_MS = 60_000

export async function openGcpInventory(config: Config): Promise<TakeInventory> {
  const cloud = cloudOf(config)
  const [storage, bigquery] = await Promise.all([openStorage(cloud), openBigQuery(cloud)])
  const site = retrySite('Google Cloud', { patienceMs: PATIENCE_MS })
  return async ({ buckets, datasets }, signal) => {
    /** Undefined: it does not exist. */
    const inspect = async <T>(name: string, work: () => Promise<T>): Promise<T | undefined> => {
      try {
        signal?.throwIfAborted()
        return await site.run(work, isTransient, signal)
      } catch (error) {
        if (isNotFound(error)) return undefined
        throw explainCloudError(error, `counting the contents of ${name}`)
      }
    }
    return {
      buckets: await found(buckets, (name) => inspect(name, () => bucketOf(storage, name))),
      datasets: await found(datasets, (name) => inspect(name, () => datasetOf(bigquery, name))),
    }
  }
}

async function found<T>(names: readonly string[], inspect: (name: string) => Promise<T | undefined>): Promise<T[]> {
  return (await Promise.all(names.map(inspect))).filter((each) => each !== undefined)
}

/** Page size of a listing: a lake has two objects per block and month. */
async function bucketOf(storage: Storage, name: string): Promise<Inventory['buckets'][number]> {
  const bucket = storage.bucket(name)
  const [{ labels }] = await bucket.getMetadata()
  let [objects, sizeBytes] = [0, 0]
  for await (const { metadata } of bucket.getFilesStream()) {
    objects++
    sizeBytes += Number(metadata.size ?? 0)
  }
  return { name, labels: textsIn(labels), objects, sizeBytes }
}

async function datasetOf(bigquery: BigQuery, name: string): Promise<Inventory['datasets'][number]> {
  const dataset = bigquery.dataset(name)
  const [[{ labels }], [tables]] = await Promise.all([dataset.getMetadata(), dataset.getTables()])
  const counted = await Promise.all(
    tables.map(async (table) => {
      const [{ numRows, numBytes }] = await table.getMetadata()
      return { name: table.id ?? '', rows: Number(numRows ?? 0), sizeBytes: Number(numBytes ?? 0) }
    }),
  )
  return { name, labels: textsIn(labels), tables: counted.sort((a, b) => (a.name < b.name ? -1 : 1)) }
}

const textsIn = (labels: Record<string, string | null> | undefined): Record<string, string> =>
  Object.fromEntries(Object.entries(labels ?? {}).filter((label): label is [string, string] => label[1] !== null))
