import path from 'node:path'
import { advise, retail } from '../../advice.ts'
import { fs } from '../../disk.ts'
import { errnoOf, RetailError } from '../../errors.ts'

/**
 * The kind of object in place of a regular file: "a FIFO". Undefined for a file, a link to a file, and a missing path. Checked
 * before anything is opened: opening a FIFO blocks, and DuckDB opens whatever it is given.
 */
export const strangeKind = (file: string): string | undefined => otherKind(file, 'a file')

/** The same for the place of a folder. */
export const strangeFolder = (folder: string): string | undefined => otherKind(folder, 'a folder')

function otherKind(place: string, expected: 'a file' | 'a folder'): string | undefined {
  const kind = kindOf(place)
  return kind === expected ? undefined : kind
}

function kindOf(place: string): string | undefined {
  const stat = ifThere(() => fs.statSync(place, { throwIfNoEntry: false }))
  if (!stat) return ifThere(() => fs.lstatSync(place, { throwIfNoEntry: false })) ? 'a broken symbolic link' : undefined
  if (stat.isFile()) return 'a file'
  if (stat.isDirectory()) return 'a folder'
  if (stat.isFIFO()) return 'a FIFO'
  return stat.isSocket() ? 'a socket' : 'a device'
}

/** Nothing is below a parent that is not a folder. */
export function ifThere<T>(look: () => T): T | undefined {
  try {
    return look()
  } catch (error) {
    if (errnoOf(error) === 'ENOTDIR') return undefined
    throw error
  }
}

/** Throws if the path is not a regular file. A missing path is for the caller to find out. */
export function mustBeFile(file: string): void {
  const kind = strangeKind(file)
  if (kind === undefined) return
  throw new RetailError('damaged', `${file} is ${kind}, not a file`, {
    why: 'something else has its name',
    hint: advise`${retail('repair')} moves it aside and recreates the file`,
  })
}

/** Throws if this path, or a parent of it, is not a folder. */
export function mustBeFolder(folder: string): void {
  for (let at = folder; ; at = path.dirname(at)) {
    const kind = strangeFolder(at)
    if (kind !== undefined)
      throw new RetailError('damaged', `${at} is ${kind}, not a folder`, {
        why: 'something else has its name',
        hint: advise`${retail('repair')} moves it aside if it is in a workspace; anywhere else, choose another path`,
      })
    if (at === path.dirname(at)) return
  }
}
