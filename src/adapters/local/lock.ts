import path from 'node:path'
import { advise, retail } from '../../advice.ts'
import { clock } from '../../clock.ts'
import { fs } from '../../disk.ts'
import { RetailError } from '../../errors.ts'
import type { LockName, Owner } from '../../ports/index.ts'
import { errnoFrom, explainSystemError, isDamage } from '../../system-errors.ts'
import { makeFolder } from './files.ts'
import { makeLockFile, openLockFile } from './lock-file.ts'
import { describeOwner, noteOwner, ownerOf } from './owners.ts'
import { mustBeFile } from './regular.ts'

/** How long a second process waits for the first before it is refused. A publish takes well under a second. */
const PATIENCE_MS: Record<LockName, number> = {
  lake: 1_200,
  build: 1_200,
  infra: 1_200,
  publish: 20_000,
  turn: 20_000,
}
const RETRY_MS = 25

const held = new Set<string>()

export interface LockOptions {
  patienceMs?: number
  /** Shares the lock with other shards, and with no other command. */
  share?: Pick<Owner, 'shard' | 'version'>
}

/**
 * A private DuckDB file that is opened only for its lock. The kernel releases the lock when its holder dies, however it
 * dies, so nothing has to guess about stale pids. (15 races of 6 processes: one winner each; reference in
 * ARCHITECTURE.md.) A file that DuckDB opens read-only has a lock that readers share and that excludes a writer: shards
 * hold that one.
 */
export async function acquireLock(
  folder: string,
  name: LockName,
  command: string,
  { patienceMs = PATIENCE_MS[name], share }: LockOptions = {},
): Promise<AsyncDisposable> {
  makeFolder(folder)
  const file = path.join(folder, `${name}.lock`)
  if (!fs.existsSync(file)) await makeLockFile(file)
  mustBeFile(file)
  for (const start = clock.elapsed(); ; await clock.sleep(RETRY_MS)) {
    const release = await tryToHold(file, share !== undefined)
    if (release) return withNote(file, release, () => noteOwner(folder, name, { command, ...share }))
    if (clock.elapsed() - start >= patienceMs) throw busy(folder, name)
  }
}

/** Takes the lock and returns a function that releases it; undefined if another process has it. */
async function tryToHold(file: string, shared: boolean): Promise<(() => void) | undefined> {
  // The kernel's lock belongs to the process, so a second holder in this process needs its own check.
  if (held.has(file)) return undefined
  held.add(file)
  try {
    const close = await openLockFile(file, shared)
    return () => {
      close()
      held.delete(file)
    }
  } catch (error) {
    held.delete(file)
    if (isHeld(error)) return undefined
    throw explainError(error, file)
  }
}

/** A lock whose owner cannot be recorded is released. */
function withNote(file: string, release: () => void, note: () => Disposable): AsyncDisposable {
  try {
    const noted = note()
    return {
      async [Symbol.asyncDispose]() {
        // Even if the owner file fails, the lock itself is released.
        noted[Symbol.dispose]()
        release()
      },
    }
  } catch (error) {
    release()
    throw explainError(error, file)
  }
}

/** Whether the file is no longer a lock file. A lock that is held is valid. */
export async function isBroken(file: string): Promise<boolean> {
  // Opening and closing it again would release a lock of this process.
  if (held.has(file)) return false
  try {
    const close = await openLockFile(file, true)
    close()
    return false
  } catch (error) {
    if (isDamage(error)) return true
    if (isHeld(error) || errnoFrom(error) !== undefined) return false
    throw error
  }
}

const isHeld = (error: unknown): boolean => /(set|conflicting) lock/i.test(String(error))

function explainError(error: unknown, file: string): unknown {
  if (errnoFrom(error) !== undefined || error instanceof RetailError)
    return explainSystemError(error, `locking ${file}`)
  if (!isDamage(error)) return error
  return new RetailError('damaged', `${file} is damaged`, {
    why: String(error).split('\n')[0],
    hint: advise`${retail('repair')} recreates it; it contains no data`,
    cause: error,
  })
}

function busy(folder: string, name: LockName): RetailError {
  const owner = ownerOf(folder, name)
  const what = { lake: 'lake', build: 'transform', publish: 'database', turn: 'lake', infra: 'terraform folder' }[name]
  return new RetailError(
    'busy',
    owner
      ? `${describeOwner(owner)} is using this workspace's ${what}`
      : `another process is using this workspace's ${what}`,
    {
      why: owner ? `since ${owner.since}; only one writer can run at a time` : 'only one writer can run at a time',
      hint: advise`${retail('status')} shows what is running; stop it, wait for it, or choose another folder with --workspace`,
    },
  )
}
