/** A job that runs the tool on other machines, as tasks that each take their shard by their number. */
export interface RemoteJob {
  /** `projects/my-shop/locations/us-central1/jobs/retail-backfill` */
  readonly name: string
  /** What it runs; undefined: there is no such job. */
  describe(signal?: AbortSignal): Promise<JobDescription | undefined>
  /** Starts an execution, one only, also when the answer is lost on its way. Resolves with its name. */
  start(run: { args: readonly string[]; tasks?: number | undefined }): Promise<string>
  look(execution: string, signal?: AbortSignal): Promise<Execution>
}

export interface JobDescription {
  image: string
  tasks: number
  /** of its container */
  env: Readonly<Record<string, string>>
  /** the execution that was begun last */
  latest: { name: string; ended: boolean } | undefined
}

export interface Execution {
  tasks: number
  succeeded: number
  failed: number
  /** tries again of tasks that failed */
  retried: number
  ended: boolean
  /** why it did not end well */
  why: string | undefined
  /** where its log can be read */
  log: string | undefined
}
