import fs from 'node:fs'
import path from 'node:path'
import { errnoOf, explainSystemError, RetailError } from '../../errors.ts'
import type { ByteSink, Lake, LakeIdentity, LakeLayout } from '../../ports/index.ts'
import { LIVE, parseBatchKey, parsePartKey, ROLLED } from '../../ports/layout.ts'
import { type FileFormat, facts } from '../../tables/index.ts'
import { makeFolder, namesIn, readIfThere, syncFolder, temporaryName, writeFile, writeFileBeside } from './files.ts'

export const LAKE_FORMAT = 1
const IDENTITY = 'world.json'

/** A lake in a folder. Everything is written under `.tmp`, synced, and renamed into place: that rename is the commit. */
export function folderLake(root: string, format: FileFormat = 'parquet'): Lake {
  const temporary = path.join(root, '.tmp')
  const at = (key: string) => path.join(root, key)

  const guarded = <T>(doing: string, work: () => T): T => {
    try {
      return work()
    } catch (error) {
      throw explainSystemError(error, doing)
    }
  }

  function moveIntoPlace(from: string, key: string): void {
    const folder = path.dirname(at(key))
    makeFolder(folder)
    fs.renameSync(from, at(key))
    syncFolder(folder)
  }

  const lake: Lake = {
    location: root,
    format,

    async layout(): Promise<LakeLayout> {
      const layout: LakeLayout = {
        parts: [],
        rolled: [],
        live: [],
        generation: 0,
        dimensions: {
          product: fs.existsSync(at(`product.${format}`)),
          store: fs.existsSync(at(`store.${format}`)),
        },
      }
      for (const { name } of facts) {
        for (const month of namesIn(at(name))) {
          for (const file of namesIn(at(`${name}/${month}`))) {
            const part = parsePartKey(`${name}/${month}/${file}`, format)
            const stat = part && fs.statSync(at(part.key), { throwIfNoEntry: false })
            if (part && stat) layout.parts.push({ ...part, sizeBytes: stat.size })
          }
        }
      }
      for (const name of namesIn(at(ROLLED))) {
        const batch = parseBatchKey(`${ROLLED}/${name}`)
        if (batch) layout.rolled.push(batch)
      }
      for (const generation of namesIn(at(LIVE))) {
        for (const name of namesIn(at(`${LIVE}/${generation}`))) {
          const batch = parseBatchKey(`${LIVE}/${generation}/${name}`)
          if (!batch) continue
          layout.live.push(batch)
          layout.generation = Math.max(layout.generation, Number(generation))
        }
      }
      return layout
    },

    async identity() {
      const bytes = readIfThere(at(IDENTITY))
      if (!bytes) return undefined
      let identity: LakeIdentity | undefined
      try {
        identity = JSON.parse(bytes.toString()) as LakeIdentity
      } catch {}
      if (typeof identity?.world !== 'string')
        throw new RetailError('foreign_world', `${at(IDENTITY)} cannot be read`, {
          why: 'it should say which world the lake holds',
          hint: 'restore it, or remove the lake folder and run `retail backfill`',
        })
      if (!(identity.format <= LAKE_FORMAT))
        throw new RetailError(
          'foreign_world',
          `the lake was made by a newer version of retail (format ${identity.format}, this one knows ${LAKE_FORMAT})`,
          {
            hint: 'run the newer version, or choose another folder with --workspace',
          },
        )
      return identity
    },

    async identify(identity) {
      const known = await lake.identity()
      if (known) return known
      await lake.put(IDENTITY, (sink) => sink.write([Buffer.from(`${JSON.stringify(identity, null, 2)}\n`)]))
      return identity
    },

    async put(key, fill) {
      const doing = `writing ${key}`
      const file = temporaryName(temporary)
      const size = await guarded(doing, () => {
        makeFolder(temporary)
        return writeFileBeside(file, fill)
      })
      guarded(doing, () => moveIntoPlace(file, key))
      return size
    },

    async putFolder(key, files: Record<string, (sink: ByteSink) => void>) {
      guarded(`writing ${key}`, () => {
        const folder = temporaryName(temporary)
        makeFolder(temporary)
        fs.mkdirSync(folder)
        try {
          for (const [name, fill] of Object.entries(files)) writeFile(path.join(folder, name), fill)
          syncFolder(folder)
          moveIntoPlace(folder, key)
        } catch (error) {
          fs.rmSync(folder, { recursive: true, force: true })
          // The same name has the same rows: who wrote it before has done this.
          if (!['ENOTEMPTY', 'EEXIST'].includes(errnoOf(error) ?? '')) throw error
        }
      })
    },

    async read(key) {
      return fs.readFileSync(at(key))
    },

    async remove(keys) {
      for (const key of keys) {
        const target = at(key)
        if (!fs.existsSync(target)) continue
        makeFolder(temporary)
        // Out of sight in one step, then gone: a reader never lists half a folder.
        const grave = temporaryName(temporary)
        fs.renameSync(target, grave)
        fs.rmSync(grave, { recursive: true, force: true })
      }
    },

    async sweep() {
      for (const name of namesIn(temporary)) fs.rmSync(path.join(temporary, name), { recursive: true, force: true })
    },

    async [Symbol.asyncDispose]() {},
  }
  return lake
}
