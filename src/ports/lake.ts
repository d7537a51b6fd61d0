import type { FactName, FileFormat } from '../tables/index.ts'
import type { Day, Month, Second } from '../time.ts'

/** Takes bytes in order. The chunks may be reused as soon as `write` returns. */
export interface ByteSink {
  write(chunks: readonly Uint8Array[]): void
}

/** One immutable file of one table, one block, one month (up to `through`, its last day). */
export interface Part {
  key: string
  table: FactName
  block: number
  month: Month
  /** last day whose rows it holds */
  through: Day
  sizeBytes: number
}

/** The events of [from, to), both tables, that became visible together. */
export interface Batch {
  /** its folder */
  key: string
  from: Second
  to: Second
  /** generation it was delivered in; undefined for a rolled batch */
  generation: number | undefined
}

/** What a lake holds at one instant, read off its names alone. */
export interface LakeLayout {
  parts: Part[]
  /** merged batches */
  rolled: Batch[]
  /** live batches, by position */
  live: Batch[]
  /** the generation that is open for batches, 0 when there is none */
  generation: number
  dimensions: { product: boolean; store: boolean }
}

/** Who made a lake. */
export interface LakeIdentity {
  world: string
  generator: string
  seed: number
  historyFrom: string
  blocks: number
  /** raised when the folder's form changes; a newer one is refused */
  format: number
  config: Record<string, unknown>
  /** of an export only: what its files are made as */
  export?: { format: FileFormat }
}

/**
 * Where parts and batches live. Everything becomes visible in one step, whole, and is durable when the promise resolves;
 * after a crash a thing is there or it is not. A name is used once; the same name written again has the same rows.
 */
export interface Lake extends AsyncDisposable {
  /** How people and SQL name it: an absolute folder or gs://… */
  readonly location: string
  /** what its tables are made as: the ending of parts and dimensions */
  readonly format: FileFormat
  layout(): Promise<LakeLayout>
  identity(): Promise<LakeIdentity | undefined>
  /** Keeps the identity of the first writer; a later call with another identity changes nothing. */
  identify(identity: LakeIdentity): Promise<LakeIdentity>
  /** Writes one object; `fill` has run when the call returns its promise. Resolves to the object's size in bytes. */
  put(key: string, fill: (sink: ByteSink) => void): Promise<number>
  /** Writes a folder of objects that becomes visible as a whole. */
  putFolder(key: string, files: Record<string, (sink: ByteSink) => void>): Promise<void>
  read(key: string): Promise<Buffer>
  /** Removes objects or folders; what is not there is no error. */
  remove(keys: readonly string[]): Promise<void>
  /** Clears away what writers that died left behind; only for who holds the lake's lock. */
  sweep(): Promise<void>
}
