import type { FactName } from '../../tables/index.ts'
import type { CostItem } from '../infra/cost.ts'

/** A resource: how much the world needs of it, and how much is available. */
export interface PlanCheck {
  what: string
  unit: string
  used: number
  most: number
  ok: boolean
  /**
   * limit: fixed; quota: Google raises it on request; setting: in retail.yaml or infra.tfvars; measured: for one
   * process on two cores.
   */
  kind: 'limit' | 'quota' | 'setting' | 'measured'
  /** What helps if it is not enough. */
  fix: string
}

/** The resources that a world needs. Rows, bytes, seconds, and money are estimates. */
export interface PlanResult {
  target: string
  /** The world or its days are not those of retail.yaml. */
  sized: boolean
  world: {
    id: string
    stores: number
    products: number
    linesPerStoreDay: number
    schema: string
    from: string
    to: string
    days: number
  }
  rows: Record<FactName, number>
  lake: { blocks: number; months: number; parts: number; sizeBytes: number; partBytes: number }
  /** On one machine with two cores; memory of each worker thread. */
  backfill: { seconds: number; verifySeconds: number; workerBytes: number }
  /** The same as a job: tasks with work, of those requested. */
  job: { tasks: number; asked: number; cpus: number; memoryGib: number; taskSeconds: number }
  /**
   * events per second: mean and peak; speed: timeline per time; loaders: processes of `retail load`; days until the
   * last day that ids can represent.
   */
  stream: { eventsPerSecond: number; peakPerSecond: number; speed: number; loaders: number; daysToTheEnd: number }
  local: PlanCheck[]
  cloud: {
    checks: PlanCheck[]
    limits: { date: string; source: string }
    once: { usd: number; items: CostItem[] }
    daily: { usd: number; items: CostItem[] }
    assumptions: string[]
    prices: { date: string; source: string }
  }
}
