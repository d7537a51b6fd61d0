import type { Storage } from '@google-cloud/storage'
import { call, save } from './bucket-calls.ts'
import { isNotFound, isTaken, retrySite, within } from './retry.ts'

/** A small JSON document in the bucket, written only over the version that was read. */
export interface Document<T> {
  read(): Promise<{ value: T; generation: string } | undefined>
  /** Resolves to the new generation, or undefined if another process has written it since. */
  write(value: T, generation: string | 0): Promise<string | undefined>
}

const PATIENCE_MS = 15 * 60_000

export function document<T>(storage: Storage, bucketName: string, name: string): Document<T> {
  const file = () => storage.bucket(bucketName).file(name)
  const site = retrySite('Cloud Storage', { patienceMs: PATIENCE_MS })
  const doing = (what: string) => `${what} ${name} of gs://${bucketName}`

  async function read() {
    for (;;) {
      const generation = await found(doing('reading'), async () => {
        const [metadata] = await within(60_000, 'checking an object', file().getMetadata())
        return String(metadata.generation)
      })
      if (generation === undefined) return undefined
      const bytes = await found(doing('reading'), async () => {
        const [content] = await within(
          60_000,
          'reading',
          storage.bucket(bucketName).file(name, { generation }).download(),
        )
        return content
      })
      // Replaced in the meantime: read it again.
      if (bytes !== undefined) return { value: JSON.parse(bytes.toString()) as T, generation }
    }
  }

  async function found<R>(what: string, work: () => Promise<R>): Promise<R | undefined> {
    try {
      return await call(site, what, work, true)
    } catch (error) {
      if (isNotFound(error)) return undefined
      throw error
    }
  }

  return {
    read,
    async write(value, generation) {
      const bytes = Buffer.from(`${JSON.stringify(value)}\n`)
      try {
        return await call(site, doing('writing'), async () => {
          const target = file()
          await save(target, bytes, generation)
          return String(target.metadata.generation)
        })
      } catch (error) {
        if (!isTaken(error)) throw error
        // Our own write, if only the response was lost.
        const now = await read()
        return now && JSON.stringify(now.value) === JSON.stringify(value) ? now.generation : undefined
      }
    },
  }
}
