export interface RunRecord {
  command: string
  startedAt: string
  finishedAt?: string
  pid: number
  /** the verb's result, as `--json` prints it */
  result?: unknown
  error?: { code: string; message: string }
}

export interface Owner {
  command: string
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
  lock(what: 'lake' | 'build', command: string): Promise<AsyncDisposable>
  /** Who holds a lock now; undefined when it is free. Never waits. */
  owner(what: 'lake' | 'build'): Promise<Owner | undefined>
  record(run: RunRecord): Promise<void>
  /** the last run of each command */
  runs(): Promise<Record<string, RunRecord>>
  /** live figures of a running stream, replaced about once a second */
  recordTick(tick: object): Promise<void>
  tick(): Promise<Record<string, unknown> | undefined>
}
