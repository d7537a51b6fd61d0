import path from 'node:path'
import { fs } from '../../disk.ts'
import { errnoOf } from '../../errors.ts'
import { keptKey } from '../../ports/layout.ts'
import { makeFolder, syncFile, syncFolder, temporaryName } from './files.ts'

/**
 * Gives every file that another one may replace a second name, by which databases read it. The first name, which a
 * user's own `lake/transactions/*\/*.parquet` matches, can then be removed as soon as it is replaced, and an older open
 * database stays readable. False: a file was removed in the meantime, so the caller must look at the lake again.
 */
export function keepFiles(root: string, keys: readonly string[]): boolean {
  const folders = new Set<string>()
  for (const key of keys) {
    const [first, second] = [path.join(root, key), path.join(root, keptKey(key))]
    const folder = path.dirname(second)
    for (let at = folder; at.startsWith(root); at = path.dirname(at)) folders.add(at)
    const file = fs.statSync(first, { throwIfNoEntry: false })
    if (!file) return false
    const other = fs.statSync(second, { throwIfNoEntry: false })
    // A damaged file that was rebuilt is another file with the same name.
    if (other && other.ino === file.ino && other.dev === file.dev) continue
    makeFolder(folder)
    const beside = temporaryName(folder)
    if (!link(first, beside)) return false
    fs.renameSync(beside, second)
  }
  // A database that names them must not outlive them. A process that was killed may have made names, and not synced them.
  for (const folder of folders) syncFolder(folder)
  return true
}

/** A hard link, or a copy on a file system without links. False: the file no longer exists. */
function link(file: string, name: string): boolean {
  try {
    fs.linkSync(file, name)
    return true
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return false
    if (!NO_LINKS.includes(errnoOf(error) ?? '')) throw error
  }
  fs.copyFileSync(file, name, fs.constants.COPYFILE_FICLONE)
  syncFile(name)
  return true
}

const NO_LINKS = ['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK', 'EXDEV']
