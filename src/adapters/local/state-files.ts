import path from 'node:path'
import { fs } from '../../disk.ts'
import type { Damage, LockName } from '../../ports/index.ts'
import { unsealed } from '../../ports/sealed.ts'
import { errnoFrom } from '../../system-errors.ts'
import { namesIn, readIfThere } from './files.ts'
import { isBroken } from './lock.ts'
import { ownersOf } from './owners.ts'
import { strangeKind } from './regular.ts'
import { movedAside, setAside } from './set-aside.ts'

/**
 * The small files of `.retail` that are damaged. None of them holds a row: without them, a command's last result is
 * forgotten, a snapshot is computed again, and a lock file is recreated.
 */
export async function damagedState(folder: string, isWhole: (key: string) => boolean): Promise<Damage[]> {
  const found: Damage[] = []
  const check = (file: string, why: () => string | undefined) => {
    const kind = strangeKind(file)
    const reason = kind === undefined ? readable(why) : `it is ${kind}, not a file`
    if (reason !== undefined) found.push({ file, why: reason })
  }
  const records = [
    ...['runs', 'readers'].flatMap((name) => jsonIn(path.join(folder, name))),
    path.join(folder, 'published.json'),
    path.join(folder, 'stream.json'),
  ]
  for (const file of records)
    check(file, () =>
      !fs.existsSync(file) || unsealed(readIfThere(file)) ? undefined : 'its content does not match its checksum',
    )
  for (const key of cachedIn(folder, ''))
    check(path.join(folder, 'cache', key), () => (isWhole(key) ? undefined : 'it does not match its checksum'))
  const locks = path.join(folder, 'locks')
  for (const name of namesIn(locks).filter((name) => name.endsWith('.lock'))) {
    const file = path.join(locks, name)
    const broken = strangeKind(file) === undefined && (await isBroken(file))
    check(file, () => (broken ? 'it is not a valid lock file' : undefined))
  }
  return found
}

/** Removes a broken state file; anything that is not a file is kept under another name beside the others. */
export function dropState(folder: string, { file }: Damage): string {
  const locks = path.join(folder, 'locks')
  if (path.dirname(file) === locks && ownersOf(locks, path.basename(file, '.lock') as LockName).length > 0)
    return 'skipped: a command is using it; run repair again when it has finished'
  if (strangeKind(file) !== undefined) return movedAside(setAside(folder, file))
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
