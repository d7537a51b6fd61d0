import path from 'node:path'
import { advise, retail } from '../../advice.ts'
import { fs } from '../../disk.ts'
import { errnoOf, RetailError } from '../../errors.ts'
import { commitFilled } from '../../ports/draft.ts'
import type { ByteSink, Lake, LakeIdentity } from '../../ports/index.ts'
import { batchKeys, LAKE_NAMES, LIVE, type Naming, ROLLED, WORLD_FILE } from '../../ports/layout.ts'
import { sealed, unsealed } from '../../ports/sealed.ts'
import { explainSystemError } from '../../system-errors.ts'
import { dimensions, facts } from '../../tables/index.ts'
import { mustBeThisForm } from '../lake-form.ts'
import {
  makeFolder,
  namesIn,
  newFile,
  readIfThere,
  removeQuietly,
  syncFolder,
  temporaryName,
  writeFile,
} from './files.ts'
import { layoutOf, TEMPORARY } from './folder-layout.ts'
import { ifThere, mustBeFile, strangeFolder } from './regular.ts'
import { asideOf, moveAside } from './set-aside.ts'
import { localTarget } from './target.ts'

/** A lake in a folder. Every file is written under `.tmp`, synced, and renamed into place: the rename is the commit. */
export function folderLake(root: string, naming: Naming = LAKE_NAMES, traits = localTarget.lake): Lake {
  const temporary = path.join(root, TEMPORARY)
  const at = (key: string) => path.join(root, key)

  const guarded = <T>(doing: string, work: () => T): T => {
    try {
      return work()
    } catch (error) {
      throw explainSystemError(error, doing)
    }
  }

  function mustBeLake(): void {
    const kind = strangeFolder(root)
    if (kind === undefined) return
    throw new RetailError('damaged', `${root} is ${kind}, not a folder`, {
      why: 'the files of the lake belong there',
      hint: traits.repairs
        ? advise`move it elsewhere, then run ${retail('repair')}`
        : 'choose another folder with --out',
    })
  }

  function moveIntoPlace(from: string, key: string): void {
    const folder = path.dirname(at(key))
    makeFolder(folder)
    if (fs.statSync(from).isFile()) makeRoom(key)
    fs.renameSync(from, at(key))
    syncFolder(folder)
  }

  /** A file replaces anything except a folder, which may hold files that are not ours. */
  function makeRoom(key: string): void {
    if (!fs.statSync(at(key), { throwIfNoEntry: false })?.isDirectory()) return
    moveAside(asideOf(root), at(key))
  }

  const lake: Lake = {
    location: root,
    ...naming,
    traits,

    async layout() {
      mustBeLake()
      return layoutOf(root, naming)
    },

    async identity() {
      mustBeLake()
      const bytes = readIfThere(at(WORLD_FILE))
      if (!bytes) return undefined
      const identity = unsealed<LakeIdentity>(bytes)
      if (typeof identity?.world !== 'string')
        throw new RetailError('damaged', `${at(WORLD_FILE)} is damaged`, {
          why: 'it identifies the world of the lake',
          hint: advise`${retail('repair')} regenerates it if all parts belong to the world in retail.yaml`,
        })
      mustBeThisForm(identity, root)
      return identity
    },

    async identify(identity) {
      const known = await lake.identity()
      if (known) return known
      await lake.put(WORLD_FILE, (sink) => sink.write([Buffer.from(sealed(identity))]))
      return identity
    },

    draft(key) {
      const doing = `writing ${key}`
      const name = temporaryName(temporary)
      const file = guarded(doing, () => {
        makeFolder(temporary)
        return newFile(name)
      })
      return {
        write: (chunks) => guarded(doing, () => file.write(chunks)),
        async commit() {
          const size = await guarded(doing, () => file.finishBeside())
          guarded(doing, () => moveIntoPlace(name, key))
          return size
        },
        discard: () => file.discard(),
      }
    },

    put: async (key, fill) => await commitFilled(lake.draft(key), fill),

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
          removeQuietly(folder)
          // The same name means the same rows: another writer has already done this.
          if (!['ENOTEMPTY', 'EEXIST'].includes(errnoOf(error) ?? '')) throw error
        }
      })
    },

    async read(key) {
      mustBeFile(at(key))
      return fs.readFileSync(at(key))
    },

    async readEnd(key, most) {
      mustBeFile(at(key))
      const file = fs.openSync(at(key), 'r')
      try {
        const { size } = fs.fstatSync(file)
        const end = Buffer.alloc(Math.min(size, most))
        return end.subarray(0, fs.readSync(file, end, 0, end.length, size - end.length))
      } finally {
        fs.closeSync(file)
      }
    },

    async sizeOf(keys) {
      return keys.reduce((sum, key) => sum + (fs.statSync(at(key), { throwIfNoEntry: false })?.size ?? 0), 0)
    },

    async remove(keys) {
      for (const key of keys) {
        const target = at(key)
        if (!ifThere(() => fs.lstatSync(target, { throwIfNoEntry: false }))) continue
        makeFolder(temporary)
        // Rename it away in one step, then delete it: a reader never lists half a folder.
        const grave = temporaryName(temporary)
        try {
          fs.renameSync(target, grave)
        } catch (error) {
          // Another process was first.
          if (errnoOf(error) === 'ENOENT') continue
          throw error
        }
        fs.rmSync(grave, { recursive: true, force: true })
      }
    },

    async sweep() {
      mustBeLake()
      for (const name of namesIn(temporary)) fs.rmSync(path.join(temporary, name), { recursive: true, force: true })
      // The files of a rolled batch before its record: without one of them, the batch does not exist.
      for (const batch of layoutOf(root, naming).unfinished ?? []) await lake.remove(batchKeys(batch))
      // A writer that was killed after a rename may have left a name that a power loss could still undo. Nothing may be
      // built on such a name.
      for (const folder of foldersOf(root)) syncFolder(folder)
    },

    async [Symbol.asyncDispose]() {},
  }
  return lake
}

/** Every folder in which a rename makes something visible. */
function foldersOf(root: string): string[] {
  const inner = (folder: string) => namesIn(folder).map((name) => path.join(folder, name))
  const tables = [...dimensions, ...facts].map(({ name }) => path.join(root, name))
  const [live, rolled] = [path.join(root, LIVE), path.join(root, ROLLED)]
  return [root, ...tables, ...tables.flatMap(inner), live, ...inner(live), rolled].filter(
    (folder) => fs.statSync(folder, { throwIfNoEntry: false })?.isDirectory() === true,
  )
}
