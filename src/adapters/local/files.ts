import fs from 'node:fs'
import path from 'node:path'
import { threadId } from 'node:worker_threads'
import { explainSystemError } from '../../errors.ts'
import type { ByteSink } from '../../ports/index.ts'

export function syncFile(file: string): void {
  const fd = fs.openSync(file, 'r+')
  try {
    fs.fsyncSync(fd)
  } finally {
    fs.closeSync(fd)
  }
}

/** Folder entries are durable only when the folder itself was synced. */
export function syncFolder(folder: string): void {
  const fd = fs.openSync(folder, 'r')
  try {
    fs.fsyncSync(fd)
  } finally {
    fs.closeSync(fd)
  }
}

/** Makes a folder and syncs every parent that gained an entry. */
export function makeFolder(folder: string): void {
  const first = fs.mkdirSync(folder, { recursive: true })
  if (!first) return
  for (let at = path.dirname(folder); at.length >= path.dirname(first).length; at = path.dirname(at)) {
    syncFolder(at)
    if (at === path.dirname(at)) return
  }
}

const MAX_VECTORS = 512

/** Writes all of the chunks, in spite of short writes: Linux takes 1,024 vectors at a time, a full disk takes fewer bytes without an error. */
function writeAll(fd: number, chunks: readonly Uint8Array[]): number {
  let total = 0
  for (let i = 0; i < chunks.length; i += MAX_VECTORS) {
    let rest = chunks.slice(i, i + MAX_VECTORS)
    let left = rest.reduce((sum, chunk) => sum + chunk.length, 0)
    total += left
    while (left > 0) {
      let written = fs.writevSync(fd, rest)
      left -= written
      if (left === 0) break
      let k = 0
      while (written >= rest[k].length) written -= rest[k++].length
      rest = [rest[k].subarray(written), ...rest.slice(k + 1)]
    }
  }
  return total
}

/** Writes a new file; what is half written is removed again. Takes what is left to do with it: to sync it. */
function fillFile<T>(file: string, fill: (sink: ByteSink) => void, sync: (fd: number, size: number) => T): T {
  const fd = fs.openSync(file, 'wx')
  let size = 0
  try {
    fill({ write: (chunks) => (size += writeAll(fd, chunks)) })
    return sync(fd, size)
  } catch (error) {
    fs.closeSync(fd)
    throw takeBack(file, error)
  }
}

function takeBack(file: string, error: unknown): unknown {
  fs.rmSync(file, { force: true })
  return explainSystemError(error, `writing ${file}`)
}

/** Writes a new file and syncs it. Returns its size. */
export const writeFile = (file: string, fill: (sink: ByteSink) => void): number =>
  fillFile(file, fill, (fd, size) => {
    fs.fsyncSync(fd)
    fs.closeSync(fd)
    return size
  })

/** The same; `fill` has run when it returns, and the file is synced while the thread does other things. */
export const writeFileBeside = (file: string, fill: (sink: ByteSink) => void): Promise<number> =>
  fillFile(
    file,
    fill,
    (fd, size) =>
      new Promise((resolve, reject) => {
        fs.fsync(fd, (error) => {
          fs.closeSync(fd)
          if (error) reject(takeBack(file, error))
          else resolve(size)
        })
      }),
  )

let counter = 0
/** Threads of a process count apart, so their number is part of the name. */
const mark = (): string => `${process.pid}-${threadId}-${Date.now().toString(36)}-${counter++}`

/** A name nobody else uses, in a folder of the same file system. */
export const temporaryName = (folder: string): string => path.join(folder, mark())

/** Replaces a small file whole: a reader sees the old or the new one. */
export function replaceFile(file: string, bytes: string | Uint8Array): void {
  const temporary = `${file}.${mark()}.tmp`
  writeFile(temporary, (sink) => sink.write([typeof bytes === 'string' ? Buffer.from(bytes) : bytes]))
  fs.renameSync(temporary, file)
  syncFolder(path.dirname(file))
}

export function readIfThere(file: string): Buffer | undefined {
  try {
    return fs.readFileSync(file)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

/** Names in a folder, sorted; none when it is not there. */
export function namesIn(folder: string): string[] {
  try {
    return fs.readdirSync(folder).sort()
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return []
    throw error
  }
}
