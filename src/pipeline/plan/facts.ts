import type { Config, GcpConfig } from '../../config/schema.ts'
import type { World } from '../../world/world.ts'
import type { Estimate } from '../estimate.ts'
import type { Period } from '../period.ts'

/** What `terraform/modules/job` gives a task, and how many there are. */
export const TASK = { count: 8, cpus: 2, memoryGib: 4 } as const
/** The busiest month of a block over its mean. */
export const PEAK = 1.4

/** What all of the plan is counted from. */
export interface Facts {
  config: Config
  gcp: GcpConfig
  world: World
  period: Period
  history: Estimate
  days: number
  months: number
  /** of both facts */
  rows: number
  /** that have work to do */
  tasks: number
}
