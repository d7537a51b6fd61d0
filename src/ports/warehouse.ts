import type { Second } from '../time.ts'
import type { Feed } from './feed.ts'
import type { Batch } from './lake.ts'
import type { Marts } from './marts.ts'
import type { Cut, Published, Row } from './published.ts'

/** A private copy of the warehouse in which dbt works; readers see nothing of it before `publish`. */
export interface Build extends AsyncDisposable {
  /** the instant that `raw` is fixed to while it is open */
  readonly cut: Cut
  /** the output of dbt/profiles.yml that it is made with */
  readonly profile: 'local' | 'gcp' | 'gcp_emulator'
  /** what the dbt profile reads: RETAIL_DATABASE, RETAIL_MEMORY_LIMIT, RETAIL_THREADS, … */
  readonly env: Record<string, string>
  /** Makes staging and marts visible together, by one rename. */
  publish(): Promise<Published>
}

/**
 * What people query: raw, staging, marts. It changes only by `publish`, in one step: a reader sees the old or the new,
 * never a mixture, and keeps what it has open. Queries never wait for a writer and never block one.
 */
export interface Warehouse extends AsyncDisposable {
  /** How people name it: a file or project.dataset. */
  readonly location: string
  /** Points raw at what the lake holds now. */
  publish(): Promise<Published>
  /** Merges batches, given in order, into the rolled batch of [from, to). Readers see no difference until the next publish. */
  roll(batches: readonly Batch[], from: Second, to: Second): Promise<void>
  /** Undefined when nothing was ever published. */
  published(): Promise<Published | undefined>
  /** undefined where nobody keeps count */
  sizeBytes(): Promise<number | undefined>
  /** Where events travel: before its `live`, everything that was handed over has arrived in raw. */
  delivered?(): Promise<Cut>
  /** One transform at a time: `busy` for the second. */
  openBuild(): Promise<Build>
  /** Keeps what is published now, however often it is replaced meanwhile. `missing` when there is nothing. */
  reader(): Promise<Reader>
  /** What a dashboard asks: follows every publish, for as long as it is open. */
  marts(): Marts
  /** Undefined where live events leave nothing that could be read for free. */
  feed(): Feed | undefined
}

export interface Reader extends AsyncDisposable {
  /** whose SQL it takes */
  readonly dialect: 'duckdb' | 'bigquery'
  /** Runs one statement that only reads. 64-bit integers come as bigint, decimals as text. */
  query<R extends Row = Row>(sql: string): Promise<R[]>
  /** bytes that the queries so far are billed for, where that is so */
  billedBytes?(): number
  /** Keeps the rows of a query as a private table of this name, for the queries that follow. */
  keep(name: string, sql: string): Promise<void>
}
