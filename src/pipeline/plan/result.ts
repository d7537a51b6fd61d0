import type { TargetName } from '../../config/targets.ts'
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
   * process on two cores; machine: what this machine has.
   */
  kind: 'limit' | 'quota' | 'setting' | 'measured' | 'machine'
  /** What helps if it is not enough. */
  fix: string
}

/** What a machine has for a plan. */
export interface Machine {
  cores: number
  memoryBytes: number
  /** Free disk space for the workspace; undefined if it cannot be read. */
  freeBytes: number | undefined
}

export interface TransformStep {
  rows: number
  tableBytes: number
  cpuSeconds: number
}

/** The resources that a world needs. Rows, bytes, seconds, and money are estimates. */
export interface PlanResult {
  target: TargetName
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
  /** On the machine of the benchmarks, which measured the rates on that day; memory of the process and of each worker thread. */
  backfill: {
    seconds: number
    verifySeconds: number
    processBytes: number
    workerBytes: number
    machine: string
    measured: string
  }
  /** The same as a job: tasks with work, of those requested; seconds of each to backfill, and to verify, its shard. */
  job: { tasks: number; asked: number; cpus: number; memoryGib: number; taskSeconds: number; verifySeconds: number }
  /**
   * The first transform, and its largest step if history is extended and transformed a month at a time. `cpuSeconds`: of
   * all processes, as measured on the machine of the benchmarks; `tableBytes`: what BigQuery reads of the larger fact;
   * `memory`: measured with that many rows.
   */
  transform: TransformStep & {
    months: number
    largest: TransformStep & { month: string }
    memory: { rows: number; bytes: number }
  }
  /**
   * events per second: mean and peak; speed: timeline per time; loaders: processes of `retail load`; publishers: shards of
   * `stream` into Pub/Sub; shards: those of `stream --to kafka://…`; days until the last day that ids can represent.
   */
  stream: {
    eventsPerSecond: number
    peakPerSecond: number
    speed: number
    loaders: number
    publishers: number
    shards: number
    daysToTheEnd: number
  }
  /** The limits of this machine. */
  local: PlanCheck[]
  /** The limits of Google Cloud, and the cost there, whatever the target is. */
  cloud: {
    checks: PlanCheck[]
    limits: { date: string; source: string }
    once: { usd: number; items: CostItem[] }
    daily: { usd: number; items: CostItem[] }
    assumptions: string[]
    prices: { date: string; source: string }
  }
}
