import node from 'node:fs'
import path from 'node:path'

/**
 * The file operations of the local target, with the names and meaning of `node:fs`. The pipeline and the local adapters
 * use only these, so that a test can fail, kill, or drop any single operation. DuckDB alone reads and writes directly;
 * a file that it wrote is durable after it has been synced here.
 */
export type Disk = Pick<
  typeof node,
  | 'closeSync'
  | 'constants'
  | 'copyFileSync'
  | 'existsSync'
  | 'fstatSync'
  | 'fsyncSync'
  | 'linkSync'
  | 'lstatSync'
  | 'mkdirSync'
  | 'openSync'
  | 'readdirSync'
  | 'readFileSync'
  | 'readSync'
  | 'renameSync'
  | 'rmSync'
  | 'statSync'
  | 'writeFileSync'
  | 'writevSync'
> & { fsync(fd: number, done: (error: NodeJS.ErrnoException | null) => void): void }

/** The disk of this process. */
export let fs: Disk = node

/** Installs another disk, for a simulation; without an argument, the real one. Each thread has its own. */
export function useDisk(disk: Disk = node): void {
  fs = disk
}

/**
 * Creates a folder and its missing parents, and returns the first that it created. Node 20 itself would try forever
 * (`recursive`) where a folder exists but takes no new names, as in /proc.
 */
export function makeFolders(folder: string, mode?: number): string | undefined {
  if (isFolder(folder)) return undefined
  const parent = path.dirname(folder)
  const first = parent === folder ? undefined : makeFolders(parent, mode)
  try {
    fs.mkdirSync(folder, { mode })
  } catch (error) {
    // Another process may have created it in the meantime.
    if (isFolder(folder)) return first
    throw error
  }
  return first ?? folder
}

const isFolder = (folder: string): boolean => fs.existsSync(folder) && fs.statSync(folder).isDirectory()
