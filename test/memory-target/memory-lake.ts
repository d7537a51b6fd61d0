import { mustBeThisForm } from '../../src/adapters/lake-form.ts'
import { commitFilled } from '../../src/ports/draft.ts'
import type { ByteSink, Lake, LakeIdentity, LakeLayout, LakeTraits } from '../../src/ports/index.ts'
import { dimensionKey, LAKE_NAMES, parseBatchKey, parsePartKey } from '../../src/ports/layout.ts'
import { byDimension, type DimensionName } from '../../src/tables/index.ts'

/** A lake in a Map: what a step puts into it is there at once, and a reader of a key has its own bytes. */
export function memoryLake(location: string, traits: LakeTraits): Lake {
  const objects = new Map<string, Buffer>()
  let identity: LakeIdentity | undefined

  function filled(fill: (sink: ByteSink) => void): Buffer {
    const chunks: Buffer[] = []
    fill({ write: (given) => void chunks.push(...given.map((chunk) => Buffer.from(chunk))) })
    return Buffer.concat(chunks)
  }

  const lake: Lake = {
    location,
    ...LAKE_NAMES,
    traits,

    async layout() {
      const has = (name: DimensionName) => objects.has(dimensionKey(name, LAKE_NAMES))
      const layout: LakeLayout = {
        parts: [],
        rolled: [],
        live: [],
        generation: 0,
        dimensions: byDimension(has),
      }
      const folders = new Set([...objects.keys()].map((key) => key.slice(0, Math.max(0, key.lastIndexOf('/')))))
      for (const batch of [...folders].map(parseBatchKey)) {
        if (batch?.generation === undefined) continue
        layout.generation = Math.max(layout.generation, batch.generation)
        layout.live.push(batch)
      }
      for (const [key, { length }] of objects) {
        const part = parsePartKey(key)
        if (part) layout.parts.push({ ...part, sizeBytes: length })
      }
      return layout
    },

    async identity() {
      if (identity) mustBeThisForm(identity, location)
      return identity
    },

    async identify(given) {
      identity ??= structuredClone(given)
      return identity
    },

    draft(key) {
      const chunks: Buffer[] = []
      return {
        write: (given) => void chunks.push(...given.map((chunk) => Buffer.from(chunk))),
        async commit() {
          const bytes = Buffer.concat(chunks)
          objects.set(key, bytes)
          return bytes.length
        },
        discard() {},
      }
    },

    put: async (key, fill) => await commitFilled(lake.draft(key), fill),

    async putFolder(key, files) {
      const made = Object.entries(files).map(([name, fill]) => [`${key}/${name}`, filled(fill)] as const)
      for (const [name, bytes] of made) if (!objects.has(name)) objects.set(name, bytes)
    },

    async read(key) {
      const bytes = objects.get(key)
      if (!bytes) throw Object.assign(new Error(`there is no ${key}`), { code: 'ENOENT' })
      return Buffer.from(bytes)
    },

    readEnd: async (key, most) => (await lake.read(key)).subarray(-most),

    async sizeOf(keys) {
      return keys.reduce((sum, key) => sum + (objects.get(key)?.length ?? 0), 0)
    },

    async remove(keys) {
      for (const name of objects.keys())
        if (keys.some((key) => name === key || name.startsWith(`${key}/`))) objects.delete(name)
    },

    // A writer that died left nothing.
    async sweep() {},

    async [Symbol.asyncDispose]() {},
  }
  return lake
}
