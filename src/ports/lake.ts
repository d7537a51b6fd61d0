import type { DimensionName, FactName, FileFormat } from '../tables/index.ts'
import type { Day, Month, Second } from '../time.ts'

/** The capabilities of a lake, and the required form of its files. */
export interface LakeTraits {
  /**
   * utc: Parquet timestamps carry the flag that BigQuery needs. plain: they do not, because DuckDB takes the flag for a
   * time zone.
   */
  readonly timestamps: 'plain' | 'utc'
  /** Whether worker threads can open it, too; otherwise one thread writes everything. */
  readonly threads: boolean
  /** Whether `repair` regenerates its files, and moves those of another world aside. */
  readonly repairs: boolean
}

/** Takes bytes in order. The chunks may be reused as soon as `write` returns. */
export interface ByteSink {
  write(chunks: readonly Uint8Array[]): void
}

/**
 * An object that is being written, possibly beside others. It is invisible until it is committed, and then no longer a
 * draft.
 */
export interface Draft extends ByteSink {
  /** Ends the writing when called. Resolves to the size in bytes when the object is visible and durable. */
  commit(): Promise<number>
  /** Removes what was written; never throws. */
  discard(): void
}

/** An immutable file of one table, one block, one month (up to `through`, its last day). */
export interface Part {
  key: string
  table: FactName
  block: number
  month: Month
  /** The last day whose rows it holds. */
  through: Day
  sizeBytes: number
}

/** The events of [from, to), both tables, that became visible together. */
export interface LakeBatch {
  /** Its folder; of a rolled batch the name of its record, and layout.ts knows its files. */
  key: string
  from: Second
  to: Second
  /** The generation in which it was delivered; undefined for a rolled batch. */
  generation: number | undefined
}

/** A file or folder among those of a lake that has a name of its own, or the name of something else: then `why` says so. */
export interface Stray {
  key: string
  why?: string
}

/** The content of a lake at one instant, according to its names. */
export interface LakeLayout {
  parts: Part[]
  /** Merged batches. */
  rolled: LakeBatch[]
  /** Live batches, by position. */
  live: LakeBatch[]
  /** The generation that is open for batches, 0 if none is. */
  generation: number
  dimensions: Record<DimensionName, boolean>
  /** Paths that readers of the lake's folders read, with names that are not ours; undefined if there are none. */
  strays?: readonly Stray[]
  /** Rolled batches of which a killed writer left a record, but not all files: `sweep` removes them. */
  unfinished?: readonly LakeBatch[]
  /** Second names of files that others may replace; undefined if no database needs them. */
  kept?: readonly string[]
}

/** The identity of the world that a lake belongs to. */
export interface LakeIdentity {
  world: string
  generator: string
  seed: number
  historyFrom: string
  blocks: number
  /** Incremented when the form of the folder changes; another one is refused. */
  format: number
  config: Record<string, unknown>
  /** Exports only: the format of its files, its first day if that is not the first day of history, and the form of its folders. */
  export?: { format: FileFormat; from?: string; hive?: boolean; faults?: string }
}

/**
 * Stores parts and batches. Everything becomes visible in one step, completely, and is durable when the promise
 * resolves; after a crash, an object exists completely or not at all. A name is used once; writing the same name again
 * writes the same rows.
 */
export interface Lake extends AsyncDisposable {
  /** Its name for people and SQL: an absolute folder or gs://… */
  readonly location: string
  /** The format of its tables: the extension of parts and dimensions. */
  readonly format: FileFormat
  /** hive: every table has a folder, and months are `month=2024-01`. plain: the form of an export without --hive. */
  readonly months: 'hive' | 'plain'
  readonly traits: LakeTraits
  layout(): Promise<LakeLayout>
  identity(): Promise<LakeIdentity | undefined>
  /** Keeps the identity of the first writer; a later call with another identity changes nothing. */
  identify(identity: LakeIdentity): Promise<LakeIdentity>
  /** Starts one object. */
  draft(key: string): Draft
  /** Writes one object; `fill` has run when the call returns its promise. Resolves to the object's size in bytes. */
  put(key: string, fill: (sink: ByteSink) => void): Promise<number>
  /** Writes a folder of objects that becomes visible as a whole. */
  putFolder(key: string, files: Record<string, (sink: ByteSink) => void>): Promise<void>
  /** Throws an error with the code ENOENT if the object does not exist. */
  read(key: string): Promise<Buffer>
  /** Its last bytes, at most this many. Throws like `read`. */
  readEnd(key: string, most: number): Promise<Buffer>
  /** Bytes of these objects; a missing one has none. */
  sizeOf(keys: readonly string[]): Promise<number>
  /** Removes objects or folders; a missing one is not an error. */
  remove(keys: readonly string[]): Promise<void>
  /** Removes what dead writers left behind. Only the holder of the lake's lock may call it. */
  sweep(): Promise<void>
}
