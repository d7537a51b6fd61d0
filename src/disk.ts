import node from 'node:fs'

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
