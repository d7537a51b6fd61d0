import path from 'node:path'
import { threadId } from 'node:worker_threads'
import { clock } from '../../clock.ts'
import { fs, makeFolders } from '../../disk.ts'
import { errnoOf } from '../../errors.ts'
import type { ByteSink } from '../../ports/index.ts'
import { explainSystemError } from '../../system-errors.ts'
import { mustBeFile, mustBeFolder } from './regular.ts'

export function syncFile(file: string): void {
  const fd = fs.openSync(file, 'r+')
  try {
    fs.fsyncSync(fd)
  } finally {
    fs.closeSync(fd)
  }
}

/** Folder entries are durable only after a sync of the folder itself. */
export function syncFolder(folder: string): void {
  const fd = fs.openSync(folder, 'r')
  try {
    fs.fsyncSync(fd)
  } finally {
    fs.closeSync(fd)
  }
}

/** Creates a folder and syncs every parent that gained an entry. */
export function makeFolder(folder: string): void {
  const first = newFolder(folder)
  if (!first) return
  for (let at = path.dirname(folder); at.length >= path.dirname(first).length; at = path.dirname(at)) {
    syncFolder(at)
    if (at === path.dirname(at)) return
  }
}

/** The first parent that was created; undefined if the folder exists. */
function newFolder(folder: string): string | undefined {
  try {
    return makeFolders(folder)
  } catch (error) {
    if (isOther(error)) mustBeFolder(folder)
    throw error
  }
}

/** The system's words for another kind of object in place of a file or a folder. */
const isOther = (error: unknown): boolean =>
  ['EEXIST', 'ENOTDIR', 'EISDIR', 'ENOTEMPTY', 'ENOENT'].includes(errnoOf(error) ?? '')

const MAX_VECTORS = 512

/**
 * Writes all chunks despite short writes: Linux takes at most 1,024 vectors per call, and a full disk takes fewer bytes
 * without an error.
 */
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

/** A new file that is being written. A failure removes it, and so does `discard`. */
export interface NewFile extends ByteSink {
  /** Syncs it. Returns its size in bytes. */
  finish(): number
  /** The same, but the sync runs while the thread does other work. */
  finishBeside(): Promise<number>
  discard(): void
}

export function newFile(file: string): NewFile {
  const fd = fs.openSync(file, 'wx')
  let size = 0
  let open = true
  const close = () => {
    if (open) fs.closeSync(fd)
    open = false
  }
  /**
   * A failing disk may refuse this, too; the remains are in a folder that is swept. The first error is the one to
   * report.
   */
  const discard = () => {
    try {
      close()
    } catch {
      // See above.
    }
    removeQuietly(file)
  }
  const failed = (error: unknown) => {
    discard()
    return explainSystemError(error, `writing ${file}`)
  }
  const trying = <T>(work: () => T): T => {
    try {
      return work()
    } catch (error) {
      throw failed(error)
    }
  }
  return {
    write: (chunks) => trying(() => void (size += writeAll(fd, chunks))),
    finish: () =>
      trying(() => {
        fs.fsyncSync(fd)
        close()
        return size
      }),
    finishBeside: () =>
      new Promise((resolve, reject) => {
        fs.fsync(fd, (error) => {
          try {
            close()
            if (error) throw error
            resolve(size)
          } catch (failure) {
            reject(failed(failure))
          }
        })
      }),
    discard,
  }
}

/** Writes and syncs a new file. Returns its size in bytes. A partly written file is removed. */
export function writeFile(file: string, fill: (sink: ByteSink) => void): number {
  const made = newFile(file)
  try {
    fill(made)
  } catch (error) {
    made.discard()
    throw explainSystemError(error, `writing ${file}`)
  }
  return made.finish()
}

let counter = 0
/** Threads of one process count separately, so the thread number is part of the name. */
const mark = (): string => `${process.pid}-${threadId}-${clock.now().toString(36)}-${counter++}`

/** An unused name in a folder of the same file system. */
export const temporaryName = (folder: string): string => path.join(folder, mark())

/** Replaces a small file atomically: a reader sees the old content or the new one. */
export function replaceFile(file: string, bytes: string | Uint8Array): void {
  const temporary = `${file}.${mark()}.tmp`
  writeFile(temporary, (sink) => sink.write([typeof bytes === 'string' ? Buffer.from(bytes) : bytes]))
  renameOver(temporary, file)
  syncFolder(path.dirname(file))
}

/** Renames a complete file over the old one. Anything that is not a file is named, and keeps its place. */
export function renameOver(temporary: string, file: string): void {
  try {
    mustBeFile(file)
    fs.renameSync(temporary, file)
  } catch (error) {
    removeQuietly(temporary)
    throw error
  }
}

/** A failed cleanup hides no other error; the next sweep removes the remains. */
export function removeQuietly(place: string): void {
  try {
    fs.rmSync(place, { recursive: true, force: true })
  } catch {
    // See above.
  }
}

export function readIfThere(file: string): Buffer | undefined {
  try {
    mustBeFile(file)
    return fs.readFileSync(file)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

/** Names in a folder, sorted; an empty list if the folder does not exist. */
export function namesIn(folder: string): string[] {
  try {
    return fs.readdirSync(folder).sort()
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return []
    throw error
  }
}
