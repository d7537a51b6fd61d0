import type { BigQuery } from '@google-cloud/bigquery'
import type { Storage } from '@google-cloud/storage'
import { RetailError } from '../../errors.ts'
import type { BatchLoading, FileBatch } from '../../ports/index.ts'
import { type FactName, facts } from '../../tables/index.ts'
import type { BigQueryTables } from './bigquery-tables.ts'
import { call, save } from './bucket-calls.ts'
import type { Cloud } from './clients.ts'
import { digestOf, runLoad } from './load-jobs.ts'
import { isTaken, retrySite, within } from './retry.ts'

const PATIENCE_MS = 15 * 60_000
const READ_MS = 60_000
/** spark/ingest.py writes it after the files of a batch, and never again: `_batches/NAME.json`. */
const LIST = /^_batches\/([\w-]+)\.json$/
/** An empty object beside the batches marks a finished load, because BigQuery forgets job ids after half a year. */
const LOADED = '_loaded/'

/** What ingest.py says about a batch. */
interface BatchList {
  rows: number
  files: string[]
}

/**
 * Loads the batches of spark/ingest.py from `gs://BUCKET/PREFIX/TABLE`, each by a job whose id follows from its files.
 * BigQuery adds all rows of a job or none, and runs an id once, so the job is also the record of what was loaded.
 */
export function batchFiles(
  open: { storage: Storage; bigquery: BigQuery },
  { gcp, names }: Cloud,
  tables: BigQueryTables,
): BatchLoading {
  const site = retrySite('Cloud Storage', { patienceMs: PATIENCE_MS })
  return {
    can: true,
    async find(from, world) {
      const { bucket, prefix } = parse(from)
      const each = facts.map(({ name }) => batchesOf(name, bucket, `${prefix}${name}/`, world))
      return (await Promise.all(each)).flat()
    },
  }

  async function batchesOf(table: FactName, bucketName: string, prefix: string, world: string): Promise<FileBatch[]> {
    const bucket = open.storage.bucket(bucketName)
    const [objects] = await call(site, `listing gs://${bucketName}/${prefix}`, () => bucket.getFiles({ prefix }))
    const checksums = new Map(objects.map(({ name, metadata }) => [name.slice(prefix.length), String(metadata.crc32c)]))
    const found = [...checksums.keys()].flatMap((key) => LIST.exec(key)?.[1] ?? []).sort()
    if (found.length === 0) return []
    const tableCreated = await tables.created(table, world)
    let claimed: Promise<unknown> | undefined
    const batches: FileBatch[] = []
    for (const name of found) batches.push(await batchOf(name))
    return batches

    async function batchOf(name: string): Promise<FileBatch> {
      const into = { project: gcp.project, dataset: names.datasets.raw, table, tableCreated, name: `${table}_${name}` }
      // The files of a batch never change, so its name stands for them: they need not exist any more.
      const note = `${LOADED}${name}-${digestOf({ ...into, objects: [] })}`
      if (checksums.has(note)) return { table, name, rows: 0, loaded: true, load: async () => {} }
      const list = `${prefix}_batches/${name}.json`
      const { rows, files } = await readList(list)
      const objects = files.map((file) => {
        const checksum = checksums.get(file)
        if (checksum === undefined) throw damaged(`${list} names ${file}, which does not exist`, bucketName)
        return { uri: `gs://${bucketName}/${prefix}${file}`, checksum }
      })
      return {
        ...{ table, name, rows, loaded: false },
        async load() {
          await (claimed ??= tables.claim(table, world))
          if (objects.length > 0) await runLoad(open.bigquery, gcp.location, { ...into, objects })
          await mark(prefix + note)
        },
      }
    }

    async function readList(key: string): Promise<BatchList> {
      const [bytes] = await call(site, `reading gs://${bucketName}/${key}`, () =>
        within(READ_MS, 'reading', bucket.file(key).download({ validation: 'crc32c' })),
      )
      const list = parsed(bytes)
      if (!list) throw damaged(`${key} is no list of a batch`, bucketName)
      return list
    }

    async function mark(key: string): Promise<void> {
      try {
        await call(site, `writing gs://${bucketName}/${key}`, () => save(bucket.file(key), Buffer.alloc(0), 0))
      } catch (error) {
        // Another process has loaded it, too.
        if (!isTaken(error)) throw error
      }
    }
  }
}

/** `gs://BUCKET/PREFIX` → a prefix that ends with a slash, or is empty. */
function parse(from: string): { bucket: string; prefix: string } {
  const [, bucket, prefix] = /^gs:\/\/([\w.-]+)\/?(.*?)\/*$/.exec(from) ?? []
  if (bucket === undefined)
    throw new RetailError('bad_flag', `--from ${from} is not in Cloud Storage`, {
      why: 'BigQuery loads files from a bucket',
      hint: 'copy the folder with `gcloud storage cp --recursive`, and name it: gs://BUCKET/FOLDER',
    })
  return { bucket, prefix: prefix ? `${prefix}/` : '' }
}

function parsed(bytes: Buffer): BatchList | undefined {
  try {
    const { rows, files } = JSON.parse(bytes.toString()) as Partial<BatchList>
    const isList = typeof rows === 'number' && Array.isArray(files) && files.every((file) => typeof file === 'string')
    return isList ? { rows, files } : undefined
  } catch {
    // Only bytes in memory are parsed: whatever fails, they are damaged.
    return undefined
  }
}

const damaged = (what: string, bucket: string) =>
  new RetailError('failed', `gs://${bucket}: ${what}`, {
    why: 'a batch is loaded completely or not at all',
    hint: 'restore the file; the bucket keeps deleted objects for a week. Or remove the list, if the batch must not be loaded',
  })
