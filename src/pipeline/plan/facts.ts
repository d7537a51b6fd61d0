import type { Config, GcpConfig } from '../../config/schema.ts'
import type { World } from '../../world/world.ts'
import type { Estimate } from '../estimate.ts'
import type { Period } from '../period.ts'

/** The resources of a task in `terraform/modules/job`, and the number of tasks. */
export const TASK = { count: 8, cpus: 2, memoryGib: 4 } as const
/** The busiest month of a block relative to its mean. */
export const PEAK = 1.4

/** The quantities from which the whole plan is calculated. */
export interface Facts {
  config: Config
  gcp: GcpConfig
  world: World
  period: Period
  history: Estimate
  days: number
  months: number
  /** Rows of both facts. */
  rows: number
  /** Tasks that have work to do. */
  tasks: number
}
