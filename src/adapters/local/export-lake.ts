import path from 'node:path'
import { RetailError } from '../../errors.ts'
import type { Lake } from '../../ports/index.ts'
import type { FileFormat } from '../../tables/index.ts'
import { namesIn } from './files.ts'
import { folderLake } from './folder-lake.ts'

/** What we put into an export's folder before its identity. */
const OURS = ['.retail', '.tmp']

/** A lake for others to read: history alone, in one format. A folder that is something else is refused. */
export function exportLake(root: string, format: FileFormat): Lake {
  const lake = folderLake(root, format)
  return {
    ...lake,

    async identity() {
      const identity = await lake.identity()
      if (identity) {
        const made = identity.export?.format
        if (!made)
          throw refused(`${root} is the lake of a workspace`, {
            why: 'an export beside its parts would be taken for them',
            hint: 'choose another folder with --out',
          })
        if (made !== format)
          throw refused(`${root} holds an export as ${made}`, {
            why: `the files of a folder are of one format, and ${format} was asked for`,
            hint: `choose another folder with --out, or go on with --format ${made}`,
          })
        return identity
      }
      const [strange] = namesIn(root).filter((name) => !OURS.includes(name))
      if (strange === undefined) return undefined
      throw refused(`${root} is not empty and holds no export`, {
        why: `${strange} is there, but no ${path.join(root, 'world.json')}`,
        hint: 'choose a new folder with --out',
      })
    },

    identify: (identity) => lake.identify({ ...identity, export: { format } }),
  }
}

const refused = (message: string, about: { why: string; hint: string }): RetailError =>
  new RetailError('bad_flag', message, about)
