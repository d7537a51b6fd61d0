import type { Changes } from './changes.ts'
import type { Cost } from './cost.ts'

interface InfraHead<Action extends string> {
  target: string
  action: Action
  project: string
  /** The location of terraform's state. */
  state: string
}

export interface InfraPlanResult extends InfraHead<'plan'> {
  changes: Changes
  /** The outcome for `--detailed-exitcode`. */
  changed: boolean
  cost: Cost
}

export interface InfraApplyResult extends InfraHead<'apply'> {
  changes: Changes
  outputs: Record<string, unknown>
  seconds: number
}

export interface InfraDestroyResult extends InfraHead<'destroy'> {
  dryRun: boolean
  destroyPlan: DestroyPlan
  destroyed: number
  seconds: number
}

export interface InfraOutputResult extends InfraHead<'output'> {
  outputs: Record<string, unknown>
}

export interface InfraImageResult extends InfraHead<'image'> {
  /** By its digest. */
  image: string
  tag: string
  /** False: the same package had been built before. */
  built: boolean
  log: string | undefined
  /** The jobs run it already. */
  inUse: boolean
  seconds: number
}

/** Everything that a destroy removes. Unknown figures are undefined, and `unknown` gives the reason. */
export interface DestroyPlan {
  project: string
  kinds: { kind: string; count: number }[]
  buckets: { name: string; objects: number | undefined; sizeBytes: number | undefined }[]
  tables: { name: string; rows: number | undefined; sizeBytes: number | undefined }[]
  subscriptions: string[]
  unknown: string[]
}
