export interface RunRecord {
  command: string
  startedAt: string
  finishedAt?: string
  pid: number
  /** the verb's result, as `--json` prints it */
  result?: unknown
  error?: { code: string; message: string }
}

/** lake: who writes parts and batches; build: who transforms; publish: who replaces the database, for an instant; turn: which shard comes in or publishes; infra: who calls terraform */
export type LockName = 'lake' | 'build' | 'publish' | 'turn' | 'infra'

/** One of so many shares of the work; index from 0. */
export interface Shard {
  index: number
  count: number
}

export interface Owner {
  command: string
  /** `3/8`: it holds a share, and others may hold theirs */
  shard?: string
  /** of retail, where it holds a share */
  version?: string
  pid: number
  since: string
}

/** The private folder beside `retail.yaml`: locks, what ran, logs. A cache of facts for people; no row depends on it. */
export interface Workspace {
  readonly folder: string
  /**
   * Holds the right to write until disposed, or until the process dies, however it dies.
   * Throws `busy` within two seconds, naming command and pid, when another process has it.
   */
  lock(what: LockName, command: string): Promise<AsyncDisposable>
  /**
   * Holds the right to write one shard of the lake, beside other shards and nobody else. `enter` runs while no other shard comes in,
   * and is told whether no other is there. Throws `busy` for a shard that overlaps one at work, or is of another version.
   */
  share(
    command: string,
    version: string,
    shard: Shard,
    enter: (alone: boolean) => Promise<void>,
  ): Promise<AsyncDisposable>
  /** Who holds a lock now; undefined when it is free. Never waits. */
  owner(what: LockName): Promise<Owner | undefined>
  /** Says that files of the lake are being read for a while, so that none of them is removed meanwhile. */
  reading(): Promise<AsyncDisposable>
  /** True while any process says so. */
  isRead(): Promise<boolean>
  /** A cache of bytes: what is missing, cut or altered comes back undefined. */
  save(key: string, bytes: Uint8Array): Promise<void>
  load(key: string): Promise<Buffer | undefined>
  /** Names of what is cached under a folder. */
  cached(prefix: string): Promise<string[]>
  /** Drops what is cached under a folder but for the names to keep. */
  forget(prefix: string, keep: readonly string[]): Promise<void>
  record(run: RunRecord): Promise<void>
  /** the last run of each command */
  runs(): Promise<Record<string, RunRecord>>
  /** live figures of a running stream, replaced about once a second */
  recordTick(tick: object): Promise<void>
  tick(): Promise<Record<string, unknown> | undefined>
}
