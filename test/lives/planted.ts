import fs from 'node:fs'
import path from 'node:path'
import type { Disk } from '../../src/disk.ts'

/**
 * Bugs that a writer of files makes, each put around a disk instead of into the source. A simulation that finds nothing with one of
 * them in place would find nothing at all.
 */
interface Planted {
  /** operations that are struck: those that have to do with it, so that a test takes seconds */
  near: RegExp
  plant: (disk: Disk) => Disk
}

const LIVE = /lake\/live\/\*\/\*/

export const PLANTED: Record<string, Planted> = {
  'a folder is never synced': { near: /^the end/, plant: neverSyncFolders },
  'a file is renamed before it is synced': {
    near: /^sync lake\/(live|transactions|inventories)\/.*parquet/,
    plant: renameFirst,
  },
  'two renames instead of one': { near: LIVE, plant: renameTwice },
  'the position is moved before the rows are there': { near: /rename lake\/live\/\*\/\*\//, plant: positionFirst },
}

function neverSyncFolders(disk: Disk): Disk {
  const folders = new Set<number>()
  return {
    ...disk,
    openSync: (file, flags, mode) => {
      const fd = disk.openSync(file, flags, mode)
      if (fs.fstatSync(fd).isDirectory()) folders.add(fd)
      return fd
    },
    closeSync: (fd) => {
      folders.delete(fd)
      disk.closeSync(fd)
    },
    fsyncSync: (fd) => {
      if (!folders.has(fd)) disk.fsyncSync(fd)
    },
  }
}

function renameFirst(disk: Disk): Disk {
  const rows = new Set<number>()
  const syncLate = (file: string) => file.includes('/lake/') && sync(disk, file, 'r+')
  const isFile = (fd: number) => rows.has(fd) && fs.fstatSync(fd).isFile()
  return {
    ...disk,
    openSync: (file, flags, mode) => {
      const fd = disk.openSync(file, flags, mode)
      if (String(file).includes('/lake/')) rows.add(fd)
      else rows.delete(fd)
      return fd
    },
    fsyncSync: (fd) => {
      if (!isFile(fd)) disk.fsyncSync(fd)
    },
    fsync: (fd, done) => {
      if (isFile(fd)) setImmediate(done, null)
      else disk.fsync(fd, done)
    },
    renameSync: (from, to) => {
      disk.renameSync(from, to)
      for (const file of filesIn(String(to))) syncLate(file)
    },
  }
}

function renameTwice(disk: Disk): Disk {
  return {
    ...disk,
    renameSync: (from, to) => {
      if (!isBatch(String(to))) return disk.renameSync(from, to)
      disk.mkdirSync(String(to))
      moveFiles(disk, String(from), String(to))
    },
  }
}

function positionFirst(disk: Disk): Disk {
  return {
    ...disk,
    renameSync: (from, to) => {
      const empty = isBatch(String(to)) && emptyBeside(String(to))
      if (!empty) return disk.renameSync(from, to)
      disk.mkdirSync(String(to))
      for (const file of filesIn(empty)) {
        const copy = path.join(String(to), path.basename(file))
        disk.copyFileSync(file, copy)
        sync(disk, copy, 'r+')
      }
      sync(disk, String(to), 'r')
      sync(disk, path.dirname(String(to)), 'r')
      moveFiles(disk, String(from), String(to))
    },
  }
}

function moveFiles(disk: Disk, from: string, to: string): void {
  for (const file of filesIn(from)) disk.renameSync(file, path.join(to, path.basename(file)))
  sync(disk, to, 'r')
  disk.rmSync(from, { recursive: true, force: true })
}

function sync(disk: Disk, file: string, flags: string): void {
  const fd = disk.openSync(file, flags)
  disk.fsyncSync(fd)
  disk.closeSync(fd)
}

const isBatch = (file: string): boolean => /\/lake\/live\/\d+\/[^/]+$/.test(file)

/** The batch without rows that a generation begins with. */
function emptyBeside(batch: string): string | undefined {
  const folder = path.dirname(batch)
  const name = fs.readdirSync(folder).find((each) => each.split('-')[0] === each.split('-')[1])
  return name && path.join(folder, name)
}

function filesIn(file: string): string[] {
  return fs.statSync(file).isDirectory() ? fs.readdirSync(file).map((name) => path.join(file, name)) : [file]
}
