import type { Advice, CommandLine } from '../advice.ts'
import type { LakeTraits } from './lake.ts'

/** A capability that a target lacks: the reason, and the alternative. */
export interface Unable {
  readonly can: false
  readonly why: string
  readonly hint: Advice
}

/**
 * views: raw shows the lake, so a publish can remove rows, and a copied workspace reads the old place. rows: raw has
 * rows of its own, loaded from the lake once; `removal` is the command that a person runs so that a table of them is
 * loaded again.
 */
export type RawTraits =
  | { readonly of: 'views' }
  | { readonly of: 'rows'; removal(location: string, table: string): CommandLine }

/** How the database presents itself to people, and what transforms it. */
export interface WarehouseTraits {
  /** Its display name: DuckDB, BigQuery. */
  readonly product: string
  readonly raw: RawTraits
  /** Whether it bills queries by the bytes that they read. */
  readonly billed: boolean
  /** Whether it can answer the queries of `verify --realism`, which are written for DuckDB. */
  readonly statistics: { readonly can: true } | Unable
}

/** The infrastructure that must exist before anything can be written. */
export type InfraTraits = { readonly needed: false; readonly why: string } | { readonly needed: true }

/** A target as data: everything that a verb may ask about it, besides its ports. */
export interface TargetTraits {
  /** Its name in retail.yaml and `--target`. */
  readonly name: string
  readonly lake: LakeTraits
  readonly warehouse: WarehouseTraits
  /**
   * lake: a batch is visible as soon as it is in the lake. broker: events travel through a broker, and arrive later and
   * out of order.
   */
  readonly events: { readonly by: 'lake' | 'broker' }
  readonly infra: InfraTraits
}
