/** Where the log of a table lies. */
export interface LogStore {
  /** The names of its files. Throws BrokenLog if something else is in its place. */
  names(): Promise<string[]>
  read(name: string): Promise<Buffer | undefined>
  /** Writes a file where none is; complete and durable when it is visible. False: another writer was first. */
  create(name: string, bytes: Buffer): Promise<boolean>
  /** The same, whether there is one or not. */
  replace(name: string, bytes: Buffer): Promise<void>
  /** Removes those of these files that were written before an instant, in ms since 1970. */
  removeOld(names: readonly string[], before: number): Promise<void>
  /** Makes room for a new log; what is not a log is kept elsewhere. */
  clear(): Promise<void>
  /** Runs something that needs this file on this machine. */
  withFile<T>(name: string, use: (file: string) => Promise<T>): Promise<T>
  /** Runs something that needs an empty folder on this machine, which it then removes. */
  withFolder<T>(use: (folder: string) => Promise<T>): Promise<T>
}

/** A log that cannot be read. The message says why; an error that is not about its content is another one. */
export class BrokenLog extends Error {}
