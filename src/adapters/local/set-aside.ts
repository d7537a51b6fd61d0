import path from 'node:path'
import { fs } from '../../disk.ts'
import { makeFolder, syncFolder, temporaryName } from './files.ts'
import { strangeFolder } from './regular.ts'

/** Moves a file or folder that is not ours out of the way, and loses nothing. Returns its new place. */
export const setAside = (folder: string, file: string): string => moveAside(path.join(folder, 'set-aside'), file)

export function moveAside(place: string, file: string): string {
  // Its own folder may be something else, too.
  if (strangeFolder(place) !== undefined)
    fs.renameSync(place, `${temporaryName(path.dirname(place))}-${path.basename(place)}`)
  makeFolder(place)
  const name = `${temporaryName(place)}-${path.basename(file)}`
  fs.renameSync(file, name)
  for (const folder of [place, path.dirname(file)]) syncFolder(folder)
  return name
}

/** The place for what is moved out of a lake: on its file system, where no pattern of a reader finds it. */
export const asideOf = (root: string): string => path.join(root, '.set-aside')

export const movedAside = (name: string): string => `moved aside to ${name}`
