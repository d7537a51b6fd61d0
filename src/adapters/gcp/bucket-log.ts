import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { Storage } from '@google-cloud/storage'
import type { LogStore } from '../delta/log-store.ts'
import { LOG } from '../delta/table-log.ts'
import { call, crc32c, inspect, save, UPLOAD_MS } from './bucket-calls.ts'
import { isNotFound, isTaken, retrySite, within } from './retry.ts'

const PATIENCE_MS = 15 * 60_000

/** The log of a table's folder in a bucket. `folder`: `lake/transactions`. Any number of writers; a commit has one. */
export function bucketLog(storage: Storage, bucketName: string, folder: string): LogStore {
  const bucket = storage.bucket(bucketName)
  const prefix = `${folder}/${LOG}/`
  const at = (name: string) => bucket.file(prefix + name)
  const site = retrySite('Cloud Storage', { patienceMs: PATIENCE_MS })
  const doing = (what: string, name = '') => `${what} ${prefix}${name} of gs://${bucketName}`
  const inspecting = <T>(what: string, work: () => Promise<T>): Promise<T> => call(site, what, work, true)

  async function listed() {
    const [files] = await call(site, doing('listing'), () => bucket.getFiles({ prefix }))
    return files.map(({ name, metadata: { generation, updated } }) => ({
      name: name.slice(prefix.length),
      generation: String(generation),
      written: Date.parse(String(updated)),
    }))
  }

  /** An object that somebody else has replaced since stays. */
  async function remove({ name, generation }: { name: string; generation: string }): Promise<void> {
    await call(site, doing('removing', name), () =>
      at(name).delete({ ignoreNotFound: true, ifGenerationMatch: Number(generation) }),
    ).catch((error) => {
      if (!isTaken(error)) throw error
    })
  }

  async function write(name: string, bytes: Buffer, generation: string | 0): Promise<boolean> {
    try {
      await call(site, doing('writing', name), () => save(at(name), bytes, generation))
      return true
    } catch (error) {
      if (!isTaken(error)) throw error
      return false
    }
  }

  async function read(name: string): Promise<Buffer | undefined> {
    try {
      const [bytes] = await inspecting(doing('reading', name), () =>
        within(UPLOAD_MS, 'reading', at(name).download({ validation: 'crc32c' })),
      )
      return bytes
    } catch (error) {
      if (!isNotFound(error)) throw error
      return undefined
    }
  }

  const store: LogStore = {
    names: async () => (await listed()).map(({ name }) => name),
    read,
    async create(name, bytes) {
      if (await write(name, bytes, 0)) return true
      // Our own, if only the response was lost.
      return (await inspect(at(name), inspecting))?.checksum === (await crc32c(bytes))
    },
    async replace(name, bytes) {
      // Whoever is first has a checkpoint of the same version, or a newer hint.
      await write(name, bytes, (await inspect(at(name), inspecting))?.generation ?? 0)
    },
    async removeOld(names, before) {
      const these = new Set(names)
      for (const file of await listed()) if (these.has(file.name) && file.written < before) await remove(file)
    },
    async clear() {
      for (const file of await listed()) await remove(file)
    },
    async withFile(name, use) {
      const bytes = await read(name)
      return await store.withFolder(async (folder) => {
        const file = path.join(folder, name)
        writeFileSync(file, bytes ?? '')
        return await use(file)
      })
    },
    async withFolder(use) {
      const folder = mkdtempSync(path.join(tmpdir(), 'retail-log-'))
      try {
        return await use(folder)
      } finally {
        rmSync(folder, { recursive: true, force: true })
      }
    },
  }
  return store
}
