import fs from 'node:fs'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { errnoOf, explainSystemError, RetailError } from '../../errors.ts'
import type { LockName, Owner } from '../../ports/index.ts'
import { makeFolder, namesIn, readIfThere, replaceFile, syncFile, temporaryName } from './files.ts'

/** How long the second one waits for the first before it is refused. A publish is over in well under a second. */
const PATIENCE_MS: Record<LockName, number> = {
  lake: 1_200,
  build: 1_200,
  infra: 1_200,
  publish: 20_000,
  turn: 20_000,
}
const RETRY_MS = 25

const held = new Set<string>()
const OPTIONS = { threads: '1', memory_limit: '64MB' }

export interface LockOptions {
  patienceMs?: number
  /** holds it together with other shards, and with nobody else */
  share?: Pick<Owner, 'shard' | 'version'>
}

/**
 * A private DuckDB file that is opened for the lock's sake alone: the kernel lets go of it when its holder dies, however it
 * dies, so there is no guessing about stale pids. (15 races of 6 processes: one winner each; reference in ARCHITECTURE.md.)
 * DuckDB opens a file to read with a lock that readers share and a writer is refused by: that is what shards hold.
 */
export async function acquireLock(
  folder: string,
  name: LockName,
  command: string,
  { patienceMs = PATIENCE_MS[name], share }: LockOptions = {},
): Promise<AsyncDisposable> {
  makeFolder(folder)
  const file = path.join(folder, `${name}.lock`)
  const ownerFile = ownerFileOf(folder, name, share?.shard)
  const { DuckDBInstance } = await import('@duckdb/node-api')
  if (!fs.existsSync(file)) await makeLockFile(file)
  for (const start = performance.now(); ; ) {
    // The kernel's lock is the process's, so a second one in this process needs a look of its own.
    if (!held.has(file)) {
      held.add(file)
      try {
        const instance = await DuckDBInstance.create(file, share ? { ...OPTIONS, access_mode: 'READ_ONLY' } : OPTIONS)
        const release = async () => {
          fs.rmSync(ownerFile, { force: true })
          instance.closeSync()
          held.delete(file)
        }
        try {
          const owner: Owner = { command, ...share, pid: process.pid, since: new Date().toISOString() }
          replaceFile(ownerFile, JSON.stringify({ ...owner, started: startOf(process.pid) }))
        } catch (error) {
          await release()
          throw error
        }
        return { [Symbol.asyncDispose]: release }
      } catch (error) {
        held.delete(file)
        if (!/(set|conflicting) lock/i.test(String(error))) throw explain(error, file)
      }
    }
    if (performance.now() - start >= patienceMs) throw busy(folder, name)
    await sleep(RETRY_MS)
  }
}

/** DuckDB takes no file that is empty or half made, so the one that is locked comes into being whole, whoever dies meanwhile. */
async function makeLockFile(file: string): Promise<void> {
  const { DuckDBInstance } = await import('@duckdb/node-api')
  const whole = temporaryName(path.dirname(file))
  try {
    const instance = await DuckDBInstance.create(whole, OPTIONS)
    instance.closeSync()
    syncFile(whole)
    fs.linkSync(whole, file)
  } catch (error) {
    // Another was first; or this file system has no links, and DuckDB makes the file in place.
    if (errnoOf(error) === undefined) throw explainSystemError(error, `locking ${file}`)
  } finally {
    fs.rmSync(whole, { force: true })
  }
}

function explain(error: unknown, file: string): unknown {
  if (!/not a valid duckdb|read enough bytes/i.test(String(error))) return explainSystemError(error, `locking ${file}`)
  return new RetailError('failed', `${file} is damaged`, {
    why: String(error).split('\n')[0],
    hint: 'remove that file and run the command again: no data is in it',
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
      why: owner ? `it has had it since ${owner.since}; one writer at a time` : 'one writer at a time',
      hint: '`retail status` shows what runs; stop it, wait for it, or choose another folder with --workspace',
    },
  )
}

/** `retail backfill --shard 3/8` (pid 4711) */
export const describeOwner = ({ command, shard, pid }: Owner): string =>
  `\`retail ${command}${shard ? ` --shard ${shard}` : ''}\` (pid ${pid})`

const ownerFileOf = (folder: string, name: LockName, shard?: string) =>
  path.join(folder, `${name}${shard ? `.shard-${shard.replace('/', '-of-')}` : ''}.owner.json`)

/** Who says that it has the lock, if that process is alive: one, or some shards. For people: the lock itself decides. */
export function ownersOf(folder: string, name: LockName): Owner[] {
  const owners: Owner[] = []
  for (const file of namesIn(folder)) {
    if (!file.startsWith(`${name}.`) || !file.endsWith('.owner.json')) continue
    try {
      const text = readIfThere(path.join(folder, file))?.toString() ?? '{}'
      const { started, ...owner } = JSON.parse(text) as Owner & { started?: string }
      if (owner.pid !== undefined && isAlive(owner.pid) && startOf(owner.pid) === started) owners.push(owner)
    } catch {}
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

/** When a process began, in the kernel's ticks: tells a process from a later one with the same pid. Undefined where there is no /proc. */
export function startOf(pid: number): string | undefined {
  try {
    return fs.readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ').pop()?.split(' ')[19]
  } catch {
    return undefined
  }
}
