import type { File, Storage } from '@google-cloud/storage'
import { RetailError } from '../../errors.ts'
import type { ByteSink, Lake, LakeIdentity, LakeLayout } from '../../ports/index.ts'
import { LIVE, parseBatchKey, parsePartKey, ROLLED } from '../../ports/layout.ts'
import {
  explainCloudError,
  hasten,
  isNotFound,
  isTaken,
  isTransient,
  type RetrySite,
  retrySite,
  within,
} from './retry.ts'

export const LAKE_FORMAT = 1
const IDENTITY = 'world.json'
/** An object beside the tables of a batch, written last: without it the batch is not there. */
const WHOLE = '.whole'
const FOLDER = 'lake/'
/** An object that is larger is sent in pieces that can be sent again. */
const RESUMABLE_BYTES = 8 << 20
const CALL_MS = 60_000
/** Of an upload: so long at least, and longer for more bytes. */
const UPLOAD_MS = 120_000
const SLOWEST_BYTES_PER_MS = 250
const PATIENCE_MS = 15 * 60_000

/** An object of the lake as a listing tells it. */
export interface StoredObject {
  key: string
  sizeBytes: number
  /** CRC32C, base64 */
  checksum: string
}

export interface BucketLake extends Lake {
  objects(prefix?: string): Promise<StoredObject[]>
}

/**
 * A lake in a bucket. An object is there whole or not at all. It is written only where none is; one that is there already and has
 * the same checksum was written by somebody who made the same, and another is replaced only as long as nobody else did so meanwhile.
 */
export function bucketLake(storage: Storage, bucketName: string): BucketLake {
  const bucket = storage.bucket(bucketName)
  const at = (key: string) => bucket.file(FOLDER + key)
  const site = retrySite({ patienceMs: PATIENCE_MS })
  const calling = <T>(doing: string, work: () => Promise<T>): Promise<T> => call(site, doing, work)
  const looking = <T>(doing: string, work: () => Promise<T>): Promise<T> => call(site, doing, work, true)

  async function objects(prefix = ''): Promise<StoredObject[]> {
    const [files] = await calling(`listing gs://${bucketName}`, () => bucket.getFiles({ prefix: FOLDER + prefix }))
    return files.map(({ name, metadata }) => ({
      key: name.slice(FOLDER.length),
      sizeBytes: Number(metadata.size),
      checksum: String(metadata.crc32c),
    }))
  }

  /** Puts bytes where none are, or in the place of others. */
  async function upload(key: string, bytes: Buffer): Promise<void> {
    const file = at(key)
    const doing = `writing ${FOLDER}${key} to gs://${bucketName}`
    let generation: number | string = 0
    // Whoever writes at the same time makes the same bytes; a third round is for somebody who removes what we just saw.
    for (let round = 0; round < 3; round++) {
      try {
        await calling(doing, () => save(file, bytes, generation))
        return
      } catch (error) {
        if (!isTaken(error)) throw error
      }
      const there = await lookAt(file, looking)
      if (there?.checksum === (await crc32c(bytes))) return
      generation = there?.generation ?? 0
    }
    throw new RetailError('busy', `${FOLDER}${key} is being written by somebody else`, {
      hint: 'run the same command again',
    })
  }

  const lake: BucketLake = {
    location: `gs://${bucketName}/${FOLDER.slice(0, -1)}`,
    format: 'parquet',
    objects,

    async layout() {
      const all = await objects()
      const keys = new Set(all.map(({ key }) => key))
      const layout: LakeLayout = {
        parts: [],
        rolled: [],
        live: [],
        generation: 0,
        dimensions: { product: keys.has('product.parquet'), store: keys.has('store.parquet') },
      }
      for (const { key, sizeBytes } of all) {
        const part = parsePartKey(key)
        if (part) layout.parts.push({ ...part, sizeBytes })
        const batch = key.endsWith(`/${WHOLE}`) ? parseBatchKey(key.slice(0, -WHOLE.length - 1)) : undefined
        if (batch && key.startsWith(ROLLED)) layout.rolled.push(batch)
        if (batch && key.startsWith(LIVE)) {
          layout.live.push(batch)
          layout.generation = Math.max(layout.generation, batch.generation ?? 0)
        }
      }
      return layout
    },

    async identity() {
      const bytes = await lake.read(IDENTITY).catch((error) => {
        if (isNotFound(error)) return undefined
        throw error
      })
      return bytes && parseIdentity(bytes, `${lake.location}/${IDENTITY}`)
    },

    async identify(identity) {
      const bytes = Buffer.from(`${JSON.stringify(identity, null, 2)}\n`)
      try {
        await calling(`writing gs://${bucketName}`, () => save(at(IDENTITY), bytes, 0))
        return identity
      } catch (error) {
        if (!isTaken(error)) throw error
        return (await lake.identity()) ?? identity
      }
    },

    async put(key, fill) {
      const bytes = filled(fill)
      await upload(key, bytes)
      return bytes.length
    },

    async putFolder(key, files) {
      const all = Object.entries(files).map(([name, fill]) => [name, filled(fill)] as const)
      for (const [name, bytes] of all) await upload(`${key}/${name}`, bytes)
      await upload(`${key}/${WHOLE}`, Buffer.alloc(0))
    },

    async read(key) {
      const [bytes] = await looking(`reading ${FOLDER}${key} of gs://${bucketName}`, () =>
        within(UPLOAD_MS, 'reading', at(key).download({ validation: 'crc32c' })),
      )
      return bytes
    },

    async remove(keys) {
      for (const key of keys) {
        // The mark first: a batch is out of sight before its tables go.
        const inside = (await objects(`${key}/`)).map((object) => object.key)
        const marks = inside.filter((name) => name.endsWith(`/${WHOLE}`))
        for (const name of [...marks, ...inside.filter((other) => !marks.includes(other)), key])
          await calling(`removing ${FOLDER}${name} of gs://${bucketName}`, () =>
            at(name).delete({ ignoreNotFound: true }),
          )
      }
    },

    // What a writer that died left behind was never an object; the bucket forgets unfinished uploads by itself.
    async sweep() {},

    async [Symbol.asyncDispose]() {},
  }
  return lake
}

/** A call with our limits on time and retries, and errors that say what was being done. */
export async function call<T>(site: RetrySite, doing: string, work: () => Promise<T>, mayMiss = false): Promise<T> {
  try {
    return await site.run(() => within(UPLOAD_MS * 10, doing, work()), isTransient)
  } catch (error) {
    // Who called knows what these two mean.
    throw isTaken(error) || (mayMiss && isNotFound(error)) ? error : explainCloudError(error, doing)
  }
}

export async function save(file: File, bytes: Buffer, generation: number | string): Promise<void> {
  const resumable = bytes.length > RESUMABLE_BYTES
  const ms = UPLOAD_MS + bytes.length / SLOWEST_BYTES_PER_MS
  const upload = file.save(bytes, {
    resumable,
    validation: 'crc32c',
    timeout: hasten(ms),
    preconditionOpts: { ifGenerationMatch: generation },
  })
  await within(ms, `sending ${bytes.length} bytes`, upload)
}

async function lookAt(
  file: File,
  looking: <T>(doing: string, work: () => Promise<T>) => Promise<T>,
): Promise<{ checksum: string; generation: string } | undefined> {
  try {
    const [{ crc32c, generation }] = await looking(`looking at ${file.name}`, () =>
      within(CALL_MS, 'looking', file.getMetadata()),
    )
    return { checksum: String(crc32c), generation: String(generation) }
  } catch (error) {
    if (isNotFound(error)) return undefined
    throw error
  }
}

async function crc32c(bytes: Buffer): Promise<string> {
  const { CRC32C } = await import('@google-cloud/storage')
  const sum = new CRC32C()
  sum.update(bytes)
  return sum.toString()
}

/** The chunks may be used again by who writes them, so they are copied. */
function filled(fill: (sink: ByteSink) => void): Buffer {
  const chunks: Buffer[] = []
  fill({
    write: (more) => {
      for (const chunk of more) chunks.push(Buffer.from(chunk))
    },
  })
  return Buffer.concat(chunks)
}

function parseIdentity(bytes: Buffer, where: string): LakeIdentity {
  let identity: LakeIdentity | undefined
  try {
    identity = JSON.parse(bytes.toString()) as LakeIdentity
  } catch {}
  if (typeof identity?.world !== 'string')
    throw new RetailError('foreign_world', `${where} cannot be read`, {
      why: 'it should say which world the lake holds',
      hint: 'restore it, or choose another bucket',
    })
  if (!(identity.format <= LAKE_FORMAT))
    throw new RetailError(
      'foreign_world',
      `the lake was made by a newer version of retail (format ${identity.format}, this one knows ${LAKE_FORMAT})`,
      {
        hint: 'run the newer version, or choose another bucket',
      },
    )
  return identity
}
