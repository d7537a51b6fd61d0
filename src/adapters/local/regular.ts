import { advise, retail } from '../../advice.ts'
import { fs } from '../../disk.ts'
import { RetailError } from '../../errors.ts'

/**
 * The kind of object in place of a regular file: "a FIFO". Undefined for a file, a link to a file, and a missing path. Checked
 * before anything is opened: opening a FIFO blocks, and DuckDB opens whatever it is given.
 */
export function strangeKind(file: string): string | undefined {
  const stat = fs.statSync(file, { throwIfNoEntry: false })
  if (!stat) return fs.lstatSync(file, { throwIfNoEntry: false }) ? 'a broken symbolic link' : undefined
  if (stat.isFile()) return undefined
  if (stat.isDirectory()) return 'a folder'
  if (stat.isFIFO()) return 'a FIFO'
  return stat.isSocket() ? 'a socket' : 'a device'
}

/** Throws if the path is not a regular file. A missing path is for the caller to find out. */
export function mustBeFile(file: string): void {
  const kind = strangeKind(file)
  if (kind === undefined) return
  throw new RetailError('damaged', `${file} is ${kind}, not a file`, {
    why: 'something else has its name',
    hint: advise`${retail('repair')} moves it aside and recreates the file`,
  })
}
