import path from 'node:path'
import { fs } from '../../disk.ts'
import { broken, type DamagedFile } from '../../ports/damage.ts'
import type { LockName } from '../../ports/index.ts'
import { unsealed } from '../../ports/sealed.ts'
import { errnoFrom } from '../../system-errors.ts'
import { namesIn, readIfThere } from './files.ts'
import { isBroken } from './lock.ts'
import { ownersOf } from './owners.ts'
import { strangeFolder, strangeKind } from './regular.ts'
import { movedAside, setAside } from './set-aside.ts'

/**
 * The small files of `.retail` that are damaged. None of them holds a row: without them, a command's last result is
 * forgotten, a snapshot is computed again, and a lock file is recreated.
 */
export async function damagedState(
  folder: string,
  /** Checks an entry of the cache; undefined: only names and small files are read. */
  isWhole: ((key: string) => boolean) | undefined,
): Promise<DamagedFile[]> {
  const inPlaceOfFolders = strangeFolders(folder)
  // A file has no entries.
  if (inPlaceOfFolders[0]?.file === folder) return inPlaceOfFolders

  const found: DamagedFile[] = [...inPlaceOfFolders]
  const check = (file: string, why: () => string | undefined) => {
    const kind = strangeKind(file)
    const reason = kind === undefined ? readable(why) : `it is ${kind}, not a file`
    if (reason !== undefined) found.push({ file, ...broken(reason) })
  }
  const records = [
    ...['runs', 'readers'].flatMap((name) => jsonIn(path.join(folder, name))),
    path.join(folder, 'published.json'),
    path.join(folder, 'stream.json'),
  ]
  const others = ['stream.json.tmp', 'marts.duckdb.checksum', 'build.duckdb'].map((name) => path.join(folder, name))
  for (const file of others) check(file, () => undefined)
  for (const file of records)
    check(file, () => {
      // A mark of a reader may go in the meantime.
      const bytes = readIfThere(file)
      return !bytes || unsealed(bytes) ? undefined : 'its content does not match its checksum'
    })
  if (!isWhole) return found
  for (const key of cachedIn(folder, ''))
    check(path.join(folder, 'cache', key), () => (isWhole(key) ? undefined : 'it does not match its checksum'))
  const locks = path.join(folder, 'locks')
  for (const name of namesIn(locks).filter((name) => name.endsWith('.lock'))) {
    const file = path.join(locks, name)
    const isLock = strangeKind(file) !== undefined || !(await isBroken(file))
    check(file, () => (!isLock ? 'it is not a valid lock file' : undefined))
  }
  return found
}

const FOLDERS = ['cache', 'dbt', 'locks', 'logs', 'python', 'readers', 'runs', 'tmp']

function strangeFolders(folder: string): DamagedFile[] {
  return [folder, ...FOLDERS.map((name) => path.join(folder, name))].flatMap((file) => {
    const kind = strangeFolder(file)
    return kind === undefined ? [] : [{ file, ...broken(`it is ${kind}, not a folder`) }]
  })
}

/** Removes a broken state file; anything that is not a file is kept under another name beside the others. */
export function dropState(folder: string, { file }: DamagedFile): string {
  const locks = path.join(folder, 'locks')
  if (path.dirname(file) === locks && ownersOf(locks, path.basename(file, '.lock') as LockName).length > 0)
    return 'skipped: a command is using it; run repair again when it has finished'
  if (file === folder) return movedAside(setAside(path.dirname(folder), file))
  const isFolder = path.dirname(file) === folder && FOLDERS.includes(path.basename(file))
  if (isFolder || strangeKind(file) !== undefined) return movedAside(setAside(folder, file))
  fs.rmSync(file, { force: true })
  return 'removed; it is recreated when needed'
}

const jsonIn = (folder: string): string[] =>
  namesIn(folder)
    .filter((name) => name.endsWith('.json'))
    .map((name) => path.join(folder, name))

function cachedIn(folder: string, prefix: string): string[] {
  const at = path.join(folder, 'cache', prefix)
  return namesIn(at)
    .flatMap((name) => {
      const key = prefix === '' ? name : `${prefix}/${name}`
      const stat = fs.statSync(path.join(folder, 'cache', key), { throwIfNoEntry: false })
      return stat?.isDirectory() ? cachedIn(folder, key) : [key]
    })
    .filter((key) => !key.endsWith('.tmp'))
}

/** A process that may not read a file cannot call it damaged. */
function readable(why: () => string | undefined): string | undefined {
  try {
    return why()
  } catch (error) {
    if (errnoFrom(error) === undefined) throw error
    return `it cannot be read (${(error as Error).message})`
  }
}
