import path from 'node:path'
import { type Advice, advise } from '../../advice.ts'
import { fs } from '../../disk.ts'
import { RetailError } from '../../errors.ts'
import type { ExportPlace, ExportPorts, Lake, LakeTraits } from '../../ports/index.ts'
import { explainSystemError } from '../../system-errors.ts'
import { namesIn } from './files.ts'
import { folderLake } from './folder-lake.ts'
import { folderWorkspace } from './folder-workspace.ts'

/** Entries that retail itself creates in an export folder before its identity file. */
const OURS = ['.retail', '.tmp']

/** A folder of files for other tools. It contains its own locks and caches, and no database is built from it. */
export function openExport(place: ExportPlace, timestamps: LakeTraits['timestamps']): ExportPorts {
  const { folder } = place
  const lake = exportLake(place, { timestamps, threads: true, repairs: false })
  const workspace = folderWorkspace(path.join(folder, '.retail'))
  const reworded = async <T>(work: Promise<T>): Promise<T> => {
    try {
      return await work
    } catch (error) {
      throw explained(error, folder)
    }
  }
  return {
    lake: {
      ...lake,
      draft(key) {
        const { commit, ...draft } = lake.draft(key)
        return { ...draft, commit: () => reworded(commit()) }
      },
      put: (key, fill) => reworded(lake.put(key, fill)),
    },
    workspace: {
      ...workspace,
      lock: (name, command) => reworded(workspace.lock(name, command)),
      share: (...given) => reworded(workspace.share(...given)),
    },
    // No database of ours reads an export.
    warehouse: {
      location: 'none',
      traits: { raw: { of: 'views' } },
      published: async () => undefined,
      publish: async () => {},
    },
  }
}

/** A lake with history only, in one format. A folder with other content is refused. */
function exportLake({ folder, format, from, hive, faults }: ExportPlace, traits: LakeTraits): Lake {
  const lake = folderLake(folder, { format, months: hive ? 'hive' : 'plain' }, traits)
  return {
    ...lake,

    async identity() {
      if (isFile(folder))
        throw refused(`${folder} is not a folder`, { why: 'it is a file', hint: 'choose another with --out' })
      const identity = await lake.identity()
      if (identity) {
        const made = identity.export?.format
        if (!made)
          throw refused(`${folder} is the lake of a workspace`, {
            why: 'exported files there would be mistaken for parts',
            hint: 'choose another folder with --out',
          })
        if (made !== format)
          throw refused(`${folder} contains an export in ${made} format`, {
            why: `all files in an export have one format, and you asked for ${format}`,
            hint: `choose another folder with --out, or continue with --format ${made}`,
          })
        if ((identity.export?.hive ?? false) !== hive)
          throw refused(`${folder} contains an export ${hive ? 'without' : 'with'} --hive`, {
            why: 'all months of an export have folders of one form',
            hint: `choose another folder with --out, or continue ${hive ? 'without' : 'with'} --hive`,
          })
        if (identity.export?.faults !== faults)
          throw refused(
            `${folder} contains an export ${identity.export?.faults ? `with the faults ${identity.export.faults}` : 'without faults'}`,
            {
              why: faults ? `you asked for those of profile ${faults}` : 'you asked for one without faults',
              hint: 'choose another folder with --out, or use the same --faults and --without',
            },
          )
        const begins = identity.export?.from ?? identity.historyFrom
        if (begins !== from)
          throw refused(`${folder} contains an export that begins on ${begins}`, {
            why: `this one would begin on ${from}, and each monthly file has a fixed first day`,
            hint: advise`choose another folder with --out, or continue with ${['--from', begins]}`,
          })
        return identity
      }
      const [strange] = namesIn(folder).filter((name) => !OURS.includes(name))
      if (strange === undefined) return undefined
      throw refused(`${folder} is not empty and does not contain an export`, {
        why: `it contains ${strange}, but no ${path.join(folder, 'world.json')}`,
        hint: 'choose a new folder with --out',
      })
    },

    identify: (identity) =>
      lake.identify({
        ...identity,
        export: { format, from, ...(hive && { hive }), ...(faults !== undefined && { faults }) },
      }),
  }
}

function isFile(folder: string): boolean {
  try {
    return fs.statSync(folder, { throwIfNoEntry: false })?.isDirectory() === false
  } catch (error) {
    throw explained(error, folder)
  }
}

/** Rewords errors about a workspace for an export folder. */
function explained(thrown: unknown, folder: string): unknown {
  const error = explainSystemError(thrown, `writing into ${folder}`, '--out')
  if (!(error instanceof RetailError)) return error
  const { code, why } = error
  if (code === 'busy')
    return new RetailError(code, error.message.replace("this workspace's lake", folder), {
      why,
      hint: 'stop it, wait for it, or choose another folder with --out',
    })
  return error
}

const refused = (message: string, about: { why: string; hint: Advice }): RetailError =>
  new RetailError('bad_flag', message, about)
