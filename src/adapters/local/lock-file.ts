import path from 'node:path'
import { fs } from '../../disk.ts'
import { errnoOf } from '../../errors.ts'
import { explainSystemError } from '../../system-errors.ts'
import { removeQuietly, syncFile, syncFolder, temporaryName } from './files.ts'

/** A lock needs one thread and holds no data. */
const LOCK_OPTIONS = { threads: '1', memory_limit: '64MB' }

/** Opens a lock file, which takes its lock, and returns what closes it. Rejects if another process holds it. */
export type OpenLockFile = (file: string, shared: boolean) => Promise<() => void>

/**
 * A command that only locks, such as an export, runs no statement. So this loads the bindings alone: 20 ms of CPU time,
 * where all of node-api takes 90.
 */
async function openByDuckdb(file: string, shared: boolean): Promise<() => void> {
  const { default: duckdb } = await import('@duckdb/node-bindings')
  const config = duckdb.create_config()
  const options = { ...LOCK_OPTIONS, access_mode: shared ? 'READ_ONLY' : 'READ_WRITE' }
  for (const [name, value] of Object.entries(options)) duckdb.set_config(config, name, value)
  const database = await duckdb.open(file, config)
  return () => duckdb.close_sync(database)
}

export let openLockFile: OpenLockFile = openByDuckdb

/** Opens lock files in another way, for a simulation in which all processes are this one; without one, by DuckDB. */
export function useLockFiles(open: OpenLockFile = openByDuckdb): void {
  openLockFile = open
}

/**
 * DuckDB refuses an empty or partial file, so the lock file is created completely, whichever process dies in the
 * meantime.
 */
export async function makeLockFile(file: string): Promise<void> {
  const whole = temporaryName(path.dirname(file))
  try {
    const close = await openByDuckdb(whole, false)
    close()
    syncFile(whole)
    nameLockFile(whole, file)
  } catch (error) {
    throw explainSystemError(error, `locking ${file}`)
  } finally {
    removeQuietly(whole)
  }
}

/** The error codes of the link call on a file system without links. */
const NO_LINKS = ['EPERM', 'ENOSYS', 'ENOTSUP', 'EOPNOTSUPP', 'EMLINK']

/**
 * Gives the complete file its name, unless another process was first. It is synced: an empty one after a power loss
 * would lock everybody out.
 */
function nameLockFile(whole: string, file: string): void {
  try {
    try {
      fs.linkSync(whole, file)
    } catch (error) {
      if (!NO_LINKS.includes(errnoOf(error) ?? '')) throw error
      fs.copyFileSync(whole, file, fs.constants.COPYFILE_EXCL)
      syncFile(file)
    }
    syncFolder(path.dirname(file))
  } catch (error) {
    if (errnoOf(error) !== 'EEXIST') throw error
  }
}
