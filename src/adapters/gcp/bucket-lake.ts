import type { DownloadOptions, Storage } from '@google-cloud/storage'
import { errnoOf, RetailError } from '../../errors.ts'
import { commitFilled } from '../../ports/draft.ts'
import type { ByteSink, Lake, LakeIdentity, LakeLayout } from '../../ports/index.ts'
import { dimensionKey, LAKE_NAMES, LIVE, parseBatchKey, parsePartKey, WORLD_FILE } from '../../ports/layout.ts'
import { byDimension, type DimensionName } from '../../tables/index.ts'
import { mustBeThisForm } from '../lake-form.ts'
import { call, crc32c, inspect, save, UPLOAD_MS } from './bucket-calls.ts'
import { isNotFound, isTaken, retrySite, within } from './retry.ts'
import { gcpTarget } from './target.ts'

/** An object beside the tables of a batch, written last. Without it the batch does not exist. */
const WHOLE = '.whole'
const FOLDER = 'lake/'
const PATIENCE_MS = 15 * 60_000

/** An object of the lake as a listing returns it. */
export interface StoredObject {
  key: string
  sizeBytes: number
  /** CRC32C, base64. */
  checksum: string
}

export interface BucketLake extends Lake {
  /** Where it lies in the bucket: `lake`. */
  readonly folder: string
  objects(prefix?: string): Promise<StoredObject[]>
}

/**
 * A lake in a bucket. An object exists completely or not at all. It is created only where none exists. An existing
 * object with the same checksum was written by a process with the same rows; a different one is replaced only if nobody
 * has changed it in the meantime.
 */
export function bucketLake(storage: Storage, bucketName: string): BucketLake {
  const bucket = storage.bucket(bucketName)
  const at = (key: string) => bucket.file(FOLDER + key)
  const site = retrySite('Cloud Storage', { patienceMs: PATIENCE_MS })
  const calling = <T>(doing: string, work: () => Promise<T>): Promise<T> => call(site, doing, work)
  const inspecting = <T>(doing: string, work: () => Promise<T>): Promise<T> => call(site, doing, work, true)

  async function objects(prefix = ''): Promise<StoredObject[]> {
    const [files] = await calling(`listing gs://${bucketName}`, () => bucket.getFiles({ prefix: FOLDER + prefix }))
    return files.map(({ name, metadata }) => ({
      key: name.slice(FOLDER.length),
      sizeBytes: Number(metadata.size),
      checksum: String(metadata.crc32c),
    }))
  }

  /** Writes bytes where no object exists, or replaces an object. */
  async function upload(key: string, bytes: Buffer): Promise<void> {
    const file = at(key)
    const doing = `writing ${FOLDER}${key} to gs://${bucketName}`
    let generation: number | string = 0
    // A concurrent writer writes the same bytes. The third attempt is for an object that somebody deletes after we have
    // seen it.
    for (let round = 0; round < 3; round++) {
      try {
        await calling(doing, () => save(file, bytes, generation))
        return
      } catch (error) {
        if (!isTaken(error)) throw error
      }
      const there = await inspect(file, inspecting)
      if (there?.checksum === (await crc32c(bytes))) return
      generation = there?.generation ?? 0
    }
    throw new RetailError('busy', `${FOLDER}${key} is being written by another process`, {
      hint: 'run the same command again',
    })
  }

  async function download(key: string, options: DownloadOptions): Promise<Buffer> {
    try {
      const [bytes] = await inspecting(`reading ${FOLDER}${key} of gs://${bucketName}`, () =>
        within(UPLOAD_MS, 'reading', at(key).download(options)),
      )
      return bytes
    } catch (error) {
      if (!isNotFound(error)) throw error
      throw Object.assign(new Error(`${lake.location}/${key} does not exist`, { cause: error }), { code: 'ENOENT' })
    }
  }

  const lake: BucketLake = {
    folder: FOLDER.slice(0, -1),
    location: `gs://${bucketName}/${FOLDER.slice(0, -1)}`,
    ...LAKE_NAMES,
    traits: gcpTarget.lake,
    objects,

    async sizeOf(keys) {
      if (keys.length === 0) return 0
      const these = new Set(keys)
      const inside = (await objects()).filter(({ key }) => these.has(key))
      return inside.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)
    },

    async layout() {
      const all = await objects()
      const keys = new Set(all.map(({ key }) => key))
      const has = (name: DimensionName) => keys.has(dimensionKey(name, LAKE_NAMES))
      const layout: LakeLayout = {
        parts: [],
        rolled: [],
        live: [],
        generation: 0,
        dimensions: byDimension(has),
      }
      for (const { key, sizeBytes } of all) {
        const part = parsePartKey(key)
        if (part) layout.parts.push({ ...part, sizeBytes })
        const batch = key.endsWith(`/${WHOLE}`) ? parseBatchKey(key.slice(0, -WHOLE.length - 1)) : undefined
        if (batch && key.startsWith(LIVE)) {
          layout.live.push(batch)
          layout.generation = Math.max(layout.generation, batch.generation ?? 0)
        }
      }
      return layout
    },

    async identity() {
      const bytes = await lake.read(WORLD_FILE).catch((error) => {
        if (errnoOf(error) === 'ENOENT') return undefined
        throw error
      })
      return bytes && parseIdentity(bytes, `${lake.location}/${WORLD_FILE}`)
    },

    async identify(identity) {
      const bytes = Buffer.from(`${JSON.stringify(identity, null, 2)}\n`)
      try {
        await calling(`writing gs://${bucketName}`, () => save(at(WORLD_FILE), bytes, 0))
        return identity
      } catch (error) {
        if (!isTaken(error)) throw error
        return (await lake.identity()) ?? identity
      }
    },

    draft(key) {
      // The writer may reuse its chunks, so this copies them.
      const chunks: Buffer[] = []
      return {
        write(more) {
          for (const chunk of more) chunks.push(Buffer.from(chunk))
        },
        async commit() {
          const bytes = Buffer.concat(chunks)
          chunks.length = 0
          await upload(key, bytes)
          return bytes.length
        },
        discard: () => void (chunks.length = 0),
      }
    },

    put: async (key, fill) => await commitFilled(lake.draft(key), fill),

    async putFolder(key, files) {
      const all = Object.entries(files).map(([name, fill]) => [name, filled(fill)] as const)
      for (const [name, bytes] of all) await upload(`${key}/${name}`, bytes)
      await upload(`${key}/${WHOLE}`, Buffer.alloc(0))
    },

    read: async (key) => await download(key, { validation: 'crc32c' }),

    // A range has no checksum.
    readEnd: async (key, most) => await download(key, { end: -most, validation: false }),

    async remove(keys) {
      for (const key of keys) {
        // The marker first, so that the batch is invisible before its tables are deleted.
        const inside = (await objects(`${key}/`)).map((object) => object.key)
        const marks = inside.filter((name) => name.endsWith(`/${WHOLE}`))
        for (const name of [...marks, ...inside.filter((other) => !marks.includes(other)), key])
          await calling(`removing ${FOLDER}${name} of gs://${bucketName}`, () =>
            at(name).delete({ ignoreNotFound: true }),
          )
      }
    },

    // An upload that a dead writer left unfinished never became an object; the bucket discards it.
    async sweep() {},

    async [Symbol.asyncDispose]() {},
  }
  return lake
}

/** The writer may reuse its chunks, so this copies them. */
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
  } catch {
    // This parses bytes in memory: invalid JSON has no world.
  }
  if (typeof identity?.world !== 'string')
    throw new RetailError('foreign_world', `${where} cannot be read`, {
      why: 'it identifies the world of the lake',
      hint: 'restore it, or choose another bucket',
    })
  mustBeThisForm(identity, where.slice(0, -WORLD_FILE.length - 1))
  return identity
}
