import path from 'node:path'
import { fs } from '../../disk.ts'
import { BrokenLog, type LogStore } from '../delta/log-store.ts'
import { LOG } from '../delta/table-log.ts'
import { makeFolder, namesIn, readIfThere, removeQuietly, syncFolder, temporaryName, writeFile } from './files.ts'
import { TEMPORARY } from './folder-layout.ts'
import { strangeFolder } from './regular.ts'
import { asideOf, moveAside } from './set-aside.ts'

/** The log of a table's folder in a lake. Only the holder of the publish lock writes it, so nobody is ever first. */
export function folderLog(table: string): LogStore {
  const log = path.join(table, LOG)
  const root = path.dirname(table)
  const at = (name: string) => path.join(log, name)

  /** In the lake's own folder for files that are being written, which is swept. */
  function temporary(): string {
    makeFolder(path.join(root, TEMPORARY))
    return temporaryName(path.join(root, TEMPORARY))
  }

  async function replace(name: string, bytes: Buffer): Promise<void> {
    makeFolder(log)
    const beside = temporary()
    writeFile(beside, (sink) => sink.write([bytes]))
    fs.renameSync(beside, at(name))
    syncFolder(log)
  }

  return {
    async names() {
      const strange = strangeFolder(log)
      if (strange !== undefined) throw new BrokenLog(`it is ${strange}, not a folder`)
      return namesIn(log)
    },
    read: async (name) => readIfThere(at(name)),
    async create(name, bytes) {
      await replace(name, bytes)
      return true
    },
    replace,
    async removeOld(names, before) {
      for (const name of names) if (fs.statSync(at(name)).mtimeMs < before) fs.rmSync(at(name))
    },
    async clear() {
      if (strangeFolder(log) === undefined) removeQuietly(log)
      else moveAside(asideOf(root), log)
    },
    withFile: (name, use) => use(at(name)),
    async withFolder(use) {
      const folder = temporary()
      fs.mkdirSync(folder)
      try {
        return await use(folder)
      } finally {
        removeQuietly(folder)
      }
    },
  }
}
