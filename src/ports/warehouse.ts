import type { FactName } from '../tables/index.ts'
import type { Delivered } from './delivered.ts'
import type { Dialect } from './dialect.ts'
import type { Feed } from './feed.ts'
import type { Marts } from './marts.ts'
import type { OwnPanel } from './own-panel.ts'
import type { Cut, Published, Row } from './published.ts'
import type { QueryAnswer } from './query.ts'
import type { Unable, WarehouseTraits } from './target.ts'

/** A model that dbt has built. */
export interface BuiltModel {
  name: string
  /** The SELECT that it was built from. */
  sql: string
  /** It is the user's. */
  own: boolean
}

/** A table or view of the user's project. The rows of a snapshot exist nowhere else. */
export interface OwnRelation {
  schema: string
  name: string
  kind: 'model' | 'seed' | 'snapshot'
}

/** What the user's project makes. */
export interface OwnMade {
  relations: readonly OwnRelation[]
  panels: readonly OwnPanel[]
}

/** A private copy of the warehouse in which dbt works; readers see nothing of it before `publish`. */
export interface Build extends AsyncDisposable {
  /** The instant to which `raw` is fixed while it is open. */
  readonly cut: Cut
  /** The output of dbt/profiles.yml to use. */
  readonly profile: string
  /** The variables that the dbt profile reads: RETAIL_DATABASE, RETAIL_MEMORY_LIMIT, RETAIL_THREADS, … */
  readonly env: Record<string, string>
  /** Every selected model is built from nothing, because nobody knows what has changed; undefined: dbt finds out. */
  readonly whole?: boolean
  /** What is published is of this very data and project: there is nothing to build. */
  readonly unchanged?: boolean
  /** Whether a model or a test reads more of a file of the lake than its footer; undefined: it may read any. */
  readonly reads?: ((key: string) => boolean) | undefined
  /** Tests of the dbt project that have nothing to test. */
  readonly skip?: readonly string[]
  /** Aborts, with the error to report, when another process has taken over: nothing can be published any more. */
  readonly lost?: AbortSignal
  /** The service whose answers dbt waits for; undefined if it works on this machine. */
  readonly service?: string
  /** The run of several commands that it belongs to. */
  readonly run?: RunInBuild
  /**
   * Makes the models that dbt built, all at the instant `cut`, visible together with it, in one step. `untested`: a test
   * failed, or did not run, so the next build takes nothing of this one for granted. `own`: what the user's project makes;
   * undefined: as before.
   */
  publish(models: readonly BuiltModel[], about?: { untested?: boolean; own?: OwnMade }): Promise<Published>
}

/**
 * The data that people query: raw, staging, marts. It changes only by `publish`, in one step: a reader sees the old or
 * the new version, never a mixture, and an open connection keeps its version. Queries never wait for a writer and never
 * block one.
 */
export interface Warehouse extends AsyncDisposable {
  /** Its display name: a file or project.dataset. */
  readonly location: string
  readonly traits: WarehouseTraits
  /** Makes raw show what the lake holds now. */
  publish(): Promise<Published>
  /** Undefined if nothing was ever published. */
  published(): Promise<Published | undefined>
  /** Undefined if rows are not counted. */
  sizeBytes(): Promise<number | undefined>
  readonly dbt: Building
  /**
   * Opens what is published now, and keeps it however often it is replaced. Throws `missing` if nothing is published.
   * `lake`: if the published raw does not show this lake as it is now, the reader gets a raw that does; the public
   * database does not change.
   */
  reader(of?: 'published' | 'lake'): Promise<Reader>
  /**
   * Answers a person's query of what is published, which may name tables of marts, staging, and raw without their layer.
   * Throws `missing` if nothing is published, and `bad_flag`, with the place in the query, if it is not one statement that
   * only reads. An abort ends it.
   */
  ask(sql: string, signal?: AbortSignal): Promise<QueryAnswer>
  /** The reason why this lake cannot be read through raw; undefined if it can. */
  trouble(): Promise<string | undefined>
  readonly packing: Packing
  readonly batchLoading: BatchLoading
  /** The dashboard's reader: follows every publish while it is open. */
  marts(): Marts
  /** Undefined if live events leave nothing that can be read free of charge. */
  feed(): Feed | undefined
}

/** What of the marts is built. */
export interface BuildScope {
  /** Only some models, so raw is fixed to the instant of the published ones; without any, to what raw holds. */
  part?: boolean
  /** Everything, whether it changed or not. */
  whole?: boolean
  /** Identifies our dbt project: models of another one are not built upon. */
  project?: string
  /** Identifies the user's; empty: there is none. If it changed, nothing of its models stays. */
  own?: string
  /** Who builds, for whoever waits. */
  command?: string
  /** The build belongs to a run of several commands. */
  run?: BuildRun
}

/** A command's part in a run. */
export interface RunInBuild {
  /** What an earlier command has kept. */
  readonly kept: unknown
  /** The run has published already: there is nothing left to do. */
  readonly over: boolean
  /** Keeps what was built for the next command, and `note` with it, all or nothing. Ends the work in this build. */
  keep(note: object): Promise<void>
}

/** Several commands that build together: the first fixes what they build from, and the last publishes. */
export interface BuildRun {
  id: string
  /** This is the first: whatever an earlier run has kept is given up. */
  begins: boolean
}

/** Whether dbt can build staging and marts in it. */
export type Building =
  | {
      readonly can: true
      /** The locked Python packages with which dbt connects to it: a file in the package's dbt folder. */
      readonly requirements: string
      /** What dbt needs for a command that reads files only, and calls no database. */
      readonly parsing: Pick<Build, 'profile' | 'env'>
      /** What dbt parses of our project is the same in every workspace. */
      readonly parsesAlike: boolean
      /** Whether several commands can build together. */
      readonly runs: { readonly can: true } | Unable
      /**
       * One transform at a time: throws `busy` for the second. If raw holds rows of its own, `delivered` says which of
       * them count; it is called while nobody else builds.
       */
      openBuild(delivered?: () => Promise<Delivered>, scope?: BuildScope): Promise<Build>
    }
  | Unable

/** Whether its content can be written as tables of one file. */
export type Packing =
  | {
      readonly can: true
      /** Writes the file as of one instant. */
      write(
        file: string,
        options: { about: object; signal?: AbortSignal | undefined; onTable?: ((table: Packed) => void) | undefined },
      ): Promise<{ tables: Packed[]; cut: Cut; sizeBytes: number }>
    }
  | Unable

/** Whether raw takes files that another program wrote. */
export type BatchLoading =
  | {
      readonly can: true
      /** The finished batches in a folder, by table and name. Throws if it is not a folder that can be loaded. */
      find(from: string, world: string): Promise<FileBatch[]>
    }
  | Unable

/** Files that spark/ingest.py has listed: they never change. */
export interface FileBatch {
  table: FactName
  name: string
  /** 0 if it is loaded. */
  rows: number
  loaded: boolean
  /** Resolves when raw has its rows, once; any number of processes may call it, also again. */
  load(): Promise<void>
}

/** A table of a packed file. */
export interface Packed {
  schema: string
  table: string
  rows: number
}

export interface Reader extends AsyncDisposable {
  /** The dialect of its SQL. */
  readonly dialect: Dialect
  /** Runs one read-only statement. 64-bit integers arrive as bigint, decimals as text. */
  query<R extends Row = Row>(sql: string): Promise<R[]>
  /** Bytes billed for all queries so far; undefined if queries are free. */
  billedBytes(): number | undefined
  /** Keeps the rows of a query for later queries; resolves to the relation to name in its place. */
  keep(name: string, sql: string): Promise<string>
}
