import fs from 'node:fs'
import path from 'node:path'
import { explainSystemError, RetailError } from '../../errors.ts'
import type { ExportPlace, ExportPorts, Lake } from '../../ports/index.ts'
import { namesIn } from './files.ts'
import { folderLake } from './folder-lake.ts'
import { folderWorkspace } from './folder-workspace.ts'

/** What we put into an export's folder before its identity. */
const OURS = ['.retail', '.tmp']

/** A folder of files for others to read. Its own locks and caches are in it, and no database is made from it. */
export function openExport({ folder, format }: ExportPlace): ExportPorts {
  const lake = exportLake({ folder, format })
  const workspace = folderWorkspace(path.join(folder, '.retail'))
  const told = async <T>(work: Promise<T>): Promise<T> => {
    try {
      return await work
    } catch (error) {
      throw explained(error, folder)
    }
  }
  return {
    lake: { ...lake, put: (key, fill) => told(lake.put(key, fill)) },
    workspace: {
      ...workspace,
      lock: (name, command) => told(workspace.lock(name, command)),
      share: (...given) => told(workspace.share(...given)),
    },
    warehouse: { location: 'none', published: async () => undefined, publish: async () => {} },
  }
}

/** A lake of history alone, in one format. A folder that is something else is refused. */
function exportLake({ folder, format }: ExportPlace): Lake {
  const lake = folderLake(folder, format)
  return {
    ...lake,

    async identity() {
      if (fs.statSync(folder, { throwIfNoEntry: false })?.isDirectory() === false)
        throw refused(`${folder} is no folder`, { why: 'it is a file', hint: 'choose another with --out' })
      const identity = await lake.identity()
      if (identity) {
        const made = identity.export?.format
        if (!made)
          throw refused(`${folder} is the lake of a workspace`, {
            why: 'an export beside its parts would be taken for them',
            hint: 'choose another folder with --out',
          })
        if (made !== format)
          throw refused(`${folder} holds an export as ${made}`, {
            why: `the files of a folder are of one format, and ${format} was asked for`,
            hint: `choose another folder with --out, or go on with --format ${made}`,
          })
        return identity
      }
      const [strange] = namesIn(folder).filter((name) => !OURS.includes(name))
      if (strange === undefined) return undefined
      throw refused(`${folder} is not empty and holds no export`, {
        why: `${strange} is there, but no ${path.join(folder, 'world.json')}`,
        hint: 'choose a new folder with --out',
      })
    },

    identify: (identity) => lake.identify({ ...identity, export: { format } }),
  }
}

/** Errors of a workspace, told of an export's folder. */
function explained(thrown: unknown, folder: string): unknown {
  const error = explainSystemError(thrown, `writing into ${folder}`)
  if (!(error instanceof RetailError)) return error
  const { code, why } = error
  if (code === 'busy')
    return new RetailError(code, error.message.replace("this workspace's lake", folder), {
      why,
      hint: 'stop it, wait for it, or choose another folder with --out',
    })
  if (code === 'read_only')
    return new RetailError(code, error.message, {
      why,
      hint: 'make the folder writable, or choose another with --out',
    })
  return error
}

const refused = (message: string, about: { why: string; hint: string }): RetailError =>
  new RetailError('bad_flag', message, about)
