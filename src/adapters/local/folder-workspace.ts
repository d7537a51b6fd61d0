import { createHash } from 'node:crypto'
import path from 'node:path'
import { fs } from '../../disk.ts'
import type { RunRecord, Workspace } from '../../ports/index.ts'
import { sealed, unsealed } from '../../ports/sealed.ts'
import { makeFolder, namesIn, readIfThere, removeQuietly, renameOver, replaceFile } from './files.ts'
import { acquireLock } from './lock.ts'
import { isAlive, ownerOf, startOf } from './owners.ts'
import { mustBeFile } from './regular.ts'
import { acquireShare } from './share.ts'
import { damagedState, dropState } from './state-files.ts'

/** `.retail/` beside `retail.yaml`. */
export function folderWorkspace(folder: string): Workspace {
  const locks = path.join(folder, 'locks')
  const readers = path.join(folder, 'readers')
  const runs = path.join(folder, 'runs')
  const cache = (key: string) => path.join(folder, 'cache', key)
  const tickFile = path.join(folder, 'stream.json')
  let readings = 0

  /** The bytes of a cached file without the digest in front of them; undefined if they are not what was written. */
  function cachedBody(key: string): Buffer | undefined {
    const bytes = readIfThere(cache(key))
    if (!bytes || bytes.length < 32) return undefined
    const body = bytes.subarray(32)
    return digest(key, body).equals(bytes.subarray(0, 32)) ? body : undefined
  }

  return {
    folder,
    lock: (name, command) => acquireLock(locks, name, command),
    share: (command, version, shard, enter) => acquireShare(locks, command, version, shard, enter),
    owner: async (name) => ownerOf(locks, name),

    async reading() {
      const file = path.join(readers, `${process.pid}-${readings++}.json`)
      try {
        makeFolder(readers)
        replaceFile(file, sealed({ pid: process.pid, started: startOf(process.pid) }))
      } catch {
        // A process without write permission leaves no mark. On a read-only file system nobody removes files. In
        // another user's workspace, replaced files stay for ten minutes; a longer read may find a file removed and
        // report it.
        return { [Symbol.asyncDispose]: async () => {} }
      }
      return { [Symbol.asyncDispose]: async () => removeQuietly(file) }
    },

    async isRead() {
      // The others are being written.
      for (const name of namesIn(readers).filter((file) => file.endsWith('.json'))) {
        // A mark that cannot be read still has its process in its name.
        const mark = quietly(() => unsealed<{ pid?: number; started?: string }>(readIfThere(path.join(readers, name))))
        const pid = mark?.pid ?? Number.parseInt(name, 10)
        if (isAlive(pid) && (mark === undefined || startOf(pid) === mark.started)) return true
        removeQuietly(path.join(readers, name))
      }
      return false
    },

    async save(key, bytes) {
      makeFolder(path.dirname(cache(key)))
      replaceFile(cache(key), Buffer.concat([digest(key, bytes), bytes]))
    },

    async load(key) {
      return quietly(() => cachedBody(key))
    },

    async cached(prefix) {
      return namesIn(cache(prefix))
    },

    async forget(prefix, keep) {
      for (const name of namesIn(cache(prefix)))
        if (!keep.includes(name)) fs.rmSync(cache(`${prefix}/${name}`), { recursive: true, force: true })
    },

    async record(run) {
      makeFolder(runs)
      replaceFile(path.join(runs, `${run.command}.json`), sealed(run))
    },

    async runs() {
      const all: Record<string, RunRecord> = {}
      for (const name of namesIn(runs).filter((file) => file.endsWith('.json'))) {
        const run = quietly(() => unsealed<RunRecord>(readIfThere(path.join(runs, name))))
        if (run) all[run.command] = run
      }
      return all
    },

    async recordTick(tick) {
      makeFolder(folder)
      // Its folder is not synced: after a power loss, an older snapshot or none is fine. A snapshot without its bytes
      // would look like damage.
      mustBeFile(`${tickFile}.tmp`)
      fs.writeFileSync(`${tickFile}.tmp`, sealed(tick), { flush: true })
      renameOver(`${tickFile}.tmp`, tickFile)
    },

    async tick() {
      return quietly(() => unsealed<Record<string, unknown>>(readIfThere(tickFile)))
    },

    damage: ({ quick = false } = {}) =>
      damagedState(folder, quick ? undefined : (key) => cachedBody(key) !== undefined),
    drop: async (damage) => dropState(folder, damage),
  }
}

/** A file that only informs people or saves time counts as missing if it cannot be read. */
function quietly<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch {
    // See above.
    return undefined
  }
}

/** With its key, which names world, block, and hour: the state of another shop has the same form. */
const digest = (key: string, bytes: Uint8Array): Buffer =>
  createHash('sha256').update(`${key}\0`).update(bytes).digest()
