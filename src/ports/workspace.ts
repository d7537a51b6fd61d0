import type { DamagedFile } from './damage.ts'

export interface RunRecord {
  command: string
  startedAt: string
  finishedAt?: string
  pid: number
  /** The verb's result, as `--json` prints it. */
  result?: unknown
  error?: { code: string; message: string }
}

/**
 * lake: writes parts and batches; build: transforms; publish: replaces the database, briefly; turn: a shard that starts
 * or publishes; infra: calls terraform.
 */
export type LockName = 'lake' | 'build' | 'publish' | 'turn' | 'infra'

/** One of `count` shares of the work; index from 0. */
export interface Shard {
  index: number
  count: number
}

/** As people write it: `3/8`. */
export const shardName = ({ index, count }: Shard): string => `${index + 1}/${count}`

/** In the name of a file: `3-of-8`. */
export const shardInFile = (name: string): string => name.replace('/', '-of-')

export interface Owner {
  command: string
  /** `3/8`: it holds a share, and others may hold theirs. */
  shard?: string
  /** The version of retail, if it holds a share. */
  version?: string
  pid: number
  since: string
}

/**
 * The private folder beside `retail.yaml`: locks, the last results, logs. A cache of facts for people; no row depends
 * on it.
 */
export interface Workspace {
  readonly folder: string
  /**
   * Holds the right to write until disposed, or until the process dies, however it dies. Throws `busy` within two
   * seconds, with command and pid, if another process holds it.
   */
  lock(what: LockName, command: string): Promise<AsyncDisposable>
  /**
   * Holds the right to write one shard of the lake, beside other shards and no other command. `enter` runs while no
   * other shard enters, and learns whether this one is alone. Throws `busy` for a shard that overlaps a running one, or
   * is of another version.
   */
  share(
    command: string,
    version: string,
    shard: Shard,
    enter: (alone: boolean) => Promise<void>,
  ): Promise<AsyncDisposable>
  /** The holder of a lock; undefined if it is free. Never waits. */
  owner(what: LockName): Promise<Owner | undefined>
  /** Marks that files of the lake are being read for a while, so that none of them is removed. */
  reading(): Promise<AsyncDisposable>
  /** True while any process has such a mark. */
  isRead(): Promise<boolean>
  /** A cache of bytes: a missing, truncated, or altered entry reads as undefined. */
  save(key: string, bytes: Uint8Array): Promise<void>
  load(key: string): Promise<Buffer | undefined>
  /** Names of the entries cached under a folder. */
  cached(prefix: string): Promise<string[]>
  /** Drops all entries under a folder except those to keep. */
  forget(prefix: string, keep: readonly string[]): Promise<void>
  record(run: RunRecord): Promise<void>
  /** The last invocation of each command. */
  runs(): Promise<Record<string, RunRecord>>
  /** Live figures of a running stream, replaced about once per second. */
  recordTick(tick: object): Promise<void>
  tick(): Promise<Record<string, unknown> | undefined>
  /** Its damaged files, and whatever has the place of a file or a folder. `quick`: without reading caches and locks. */
  damage(options?: { quick?: boolean }): Promise<DamagedFile[]>
  /** Removes such a file, or renames it if it is not a file; resolves to a description of what was done. */
  drop(damage: DamagedFile): Promise<string>
}
