import { createHash } from 'node:crypto'
import fs from 'node:fs'
import path from 'node:path'
import type { RunRecord, Workspace } from '../../ports/index.ts'
import { makeFolder, namesIn, readIfThere, replaceFile } from './files.ts'
import { acquireLock, isAlive, ownerOf, startOf } from './lock.ts'
import { acquireShare } from './share.ts'

/** `.retail/` beside `retail.yaml`. */
export function folderWorkspace(folder: string): Workspace {
  const locks = path.join(folder, 'locks')
  const readers = path.join(folder, 'readers')
  const runs = path.join(folder, 'runs')
  const cache = (key: string) => path.join(folder, 'cache', key)
  const tickFile = path.join(folder, 'stream.json')
  let readings = 0

  return {
    folder,
    lock: (name, command) => acquireLock(locks, name, command),
    share: (command, version, shard, enter) => acquireShare(locks, command, version, shard, enter),
    owner: async (name) => ownerOf(locks, name),

    async reading() {
      makeFolder(readers)
      const file = path.join(readers, `${process.pid}-${readings++}.json`)
      replaceFile(file, JSON.stringify({ pid: process.pid, started: startOf(process.pid) }))
      return { [Symbol.asyncDispose]: async () => fs.rmSync(file, { force: true }) }
    },

    async isRead() {
      // The others are being written.
      for (const name of namesIn(readers).filter((file) => file.endsWith('.json'))) {
        const { pid, started } = JSON.parse(readIfThere(path.join(readers, name))?.toString() || '{}') as {
          pid?: number
          started?: string
        }
        if (pid !== undefined && isAlive(pid) && startOf(pid) === started) return true
        fs.rmSync(path.join(readers, name), { force: true })
      }
      return false
    },

    async save(key, bytes) {
      makeFolder(path.dirname(cache(key)))
      replaceFile(cache(key), Buffer.concat([digest(bytes), bytes]))
    },

    async load(key) {
      const bytes = readIfThere(cache(key))
      if (!bytes || bytes.length < 32) return undefined
      const body = bytes.subarray(32)
      return digest(body).equals(bytes.subarray(0, 32)) ? body : undefined
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
      replaceFile(path.join(runs, `${run.command}.json`), JSON.stringify(run, null, 2))
    },

    async runs() {
      const all: Record<string, RunRecord> = {}
      for (const name of namesIn(runs).filter((file) => file.endsWith('.json'))) {
        try {
          const run = JSON.parse(fs.readFileSync(path.join(runs, name), 'utf8')) as RunRecord
          all[run.command] = run
        } catch {}
      }
      return all
    },

    async recordTick(tick) {
      makeFolder(folder)
      // Not synced: it is gone with the process that writes it.
      fs.writeFileSync(`${tickFile}.tmp`, JSON.stringify(tick))
      fs.renameSync(`${tickFile}.tmp`, tickFile)
    },

    async tick() {
      const bytes = readIfThere(tickFile)
      try {
        return bytes && (JSON.parse(bytes.toString()) as Record<string, unknown>)
      } catch {
        return undefined
      }
    },
  }
}

const digest = (bytes: Uint8Array): Buffer => createHash('sha256').update(bytes).digest()
