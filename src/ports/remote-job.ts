/** A job that runs the tool on other machines, as tasks that each take the shard of their index. */
export interface RemoteJob {
  /** `projects/my-shop/locations/us-central1/jobs/retail-backfill` */
  readonly name: string
  /** Its container; undefined: there is no such job. */
  describe(signal?: AbortSignal): Promise<JobDescription | undefined>
  /** Starts exactly one execution, even if the response is lost. Resolves to its name. */
  start(run: { args: readonly string[]; tasks?: number | undefined }): Promise<string>
  read(execution: string, signal?: AbortSignal): Promise<Execution>
}

export interface JobDescription {
  image: string
  tasks: number
  /** Of its container. */
  env: Readonly<Record<string, string>>
  /** The latest execution. */
  latest: { name: string; ended: boolean } | undefined
}

export interface Execution {
  tasks: number
  succeeded: number
  failed: number
  /** Retries of failed tasks. */
  retried: number
  ended: boolean
  /** Why it failed. */
  why: string | undefined
  /** The URL of its log. */
  log: string | undefined
}
