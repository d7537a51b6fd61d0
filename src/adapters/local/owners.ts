import path from 'node:path'
import { clock } from '../../clock.ts'
import { fs } from '../../disk.ts'
import { type LockName, type Owner, shardInFile } from '../../ports/index.ts'
import { namesIn, readIfThere, removeQuietly, replaceFile } from './files.ts'

/** Files beside a lock that name its owner. They are for people: the lock itself decides. */

/** Records this process as the owner. Disposing it removes the record. */
export function noteOwner(folder: string, name: LockName, owner: Omit<Owner, 'pid' | 'since'>): Disposable {
  const file = ownerFileOf(folder, name, owner.shard)
  const note: Owner = { ...owner, pid: process.pid, since: new Date(clock.now()).toISOString() }
  replaceFile(file, JSON.stringify({ ...note, started: startOf(process.pid) }))
  return { [Symbol.dispose]: () => removeQuietly(file) }
}

/** `retail backfill --shard 3/8` (pid 4711) */
export const describeOwner = ({ command, shard, pid }: Owner): string =>
  `\`retail ${command}${shard ? ` --shard ${shard}` : ''}\` (pid ${pid})`

const ownerFileOf = (folder: string, name: LockName, shard?: string) =>
  path.join(folder, `${name}${shard ? `.shard-${shardInFile(shard)}` : ''}.owner.json`)

/** The processes that claim the lock and are alive: one, or several shards. */
export function ownersOf(folder: string, name: LockName): Owner[] {
  const owners: Owner[] = []
  for (const file of namesIn(folder)) {
    if (!file.startsWith(`${name}.`) || !file.endsWith('.owner.json')) continue
    try {
      const text = readIfThere(path.join(folder, file))?.toString() ?? '{}'
      const { started, ...owner } = JSON.parse(text) as Owner & { started?: string }
      if (owner.pid !== undefined && isAlive(owner.pid) && startOf(owner.pid) === started) owners.push(owner)
    } catch {
      // It only names the owner; the lock itself does not depend on it.
    }
  }
  return owners
}

export const ownerOf = (folder: string, name: LockName): Owner | undefined => ownersOf(folder, name)[0]

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/**
 * Start time of a process, in kernel ticks: distinguishes it from a later one with the same pid. Undefined without
 * /proc.
 */
export function startOf(pid: number): string | undefined {
  try {
    return fs.readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ').pop()?.split(' ')[19]
  } catch {
    // The process is gone, or there is no /proc.
    return undefined
  }
}
