import type { Config } from '../../config/schema.ts'
import { type ExportPorts, type LakeLayout, type Part, type Shard, shardName } from '../../ports/index.ts'
import { type DimensionName, type FactName, facts, sumOfFacts, type TableName } from '../../tables/index.ts'
import { firstDayOf, formatDay, monthOf } from '../../time.ts'
import { membersOf } from '../../world/counts.ts'
import { buildWorld, type World } from '../../world/world.ts'
import { estimateRows, shapeOf } from '../estimate.ts'
import { blocksOf, monthsOf, type Period, type PeriodOptions, periodOf } from '../period.ts'
import { workerCount } from '../workers.ts'
import type { BlockTask } from './block-task.ts'
import type { BackfillResult } from './result.ts'

/** The scope of a backfill: these tables of these blocks over this period. */
export interface Scope {
  config: Config
  world: World
  period: Period
  shard: Shard
  /** Those of the shard. */
  blocks: readonly number[]
  tables: readonly FactName[]
  workers: number
  /** About as many as it will have. */
  rows: number
}

export interface ScopeOptions extends PeriodOptions {
  /** 0-based index of `count`: the blocks with block % count === index. */
  shard?: Shard | undefined
  /** Number of threads; 0: everything runs in the calling thread. */
  workers?: number
  /** Exports only: the exported tables. */
  out?: { tables: readonly TableName[] } | undefined
}

export function scopeOf({ lake }: Pick<ExportPorts, 'lake'>, config: Config, options: ScopeOptions): Scope {
  const world = buildWorld(config)
  const asked = periodOf(world, config, options)
  const { out, shard = { index: 0, count: 1 } } = options
  const blocks = blocksOf(world, shard)
  const tables = facts.map(({ name }) => name).filter((name) => !out || out.tables.includes(name))
  // Parts of the lake are whole months: a period that starts within one starts on its first day. An export starts on
  // its own day.
  const period = out ? asked : { ...asked, from: Math.max(world.from, firstDayOf(monthOf(asked.from))) }
  const rows = rowsOf(world, config, period, blocks)
  return {
    config,
    world,
    period,
    shard,
    blocks,
    tables,
    workers: lake.traits.threads ? workerCount(options.workers, tables.length > 0 ? blocks.length : 1, rows) : 0,
    rows,
  }
}

type Head = Pick<BackfillResult, 'world' | 'from' | 'to' | 'shard' | 'workers'>

/** The fields that every result starts with. */
export const headOf = ({ world, period, shard, workers }: Scope): Head => ({
  world: world.id,
  from: formatDay(period.from),
  to: formatDay(period.to),
  shard: shardName(shard),
  workers,
})

/** Row counts of the exported dimensions. */
export const dimensionsAmong = (world: World, tables: readonly TableName[]): Partial<Record<DimensionName, number>> =>
  Object.fromEntries(Object.entries(membersOf(world)).filter(([name]) => tables.some((table) => table === name)))

/** About as many as the blocks will have. */
export const rowsOf = (world: World, config: Config, period: Period, blocks: readonly number[]): number =>
  sumOfFacts(estimateRows(shapeOf(config), period, storesOf(world, blocks)))

export const storesOf = (world: World, blocks: readonly number[]): number =>
  blocks.reduce((sum, block) => sum + world.blocks[block].hi - world.blocks[block].lo, 0)

/** The months of each block, with the existing parts and the shorter ones that this month's part replaces. */
export function tasksOf(
  { blocks, tables, period }: Pick<Scope, 'blocks' | 'tables' | 'period'>,
  { parts, kept }: LakeLayout,
): BlockTask[] {
  if (tables.length === 0) return []
  const partsOf = new Map(blocks.map((block) => [block, [] as Part[]]))
  for (const part of parts) if (tables.includes(part.table)) partsOf.get(part.block)?.push(part)
  return Array.from(partsOf, ([block, own]) => {
    const months = monthsOf(period).map(({ month, from, through }) => {
      const there = own.filter((part) => part.month === month)
      const shorter = there.filter((part) => part.through < through)
      const existing = tables.flatMap((table) => {
        const part = there.find((each) => each.table === table && each.through >= through)
        return part ? [{ table, key: part.key }] : []
      })
      const isMissing = (table: FactName) => existing.every((part) => part.table !== table)
      return {
        ...{ month, from, through, existing },
        longer: tables.filter((name) => isMissing(name) && shorter.some(({ table }) => table === name)),
        // If databases read the second names, the first names may be removed.
        replaces: kept ? shorter.map(({ table, key }) => ({ table, key })) : [],
      }
    })
    return { block, tables, months }
  })
}

export const partCount = (tasks: readonly BlockTask[]): number =>
  tasks.reduce((n, { months, tables }) => n + months.length * tables.length, 0)

/** Whether every part of every task exists. */
export const areThere = (tasks: readonly BlockTask[]): boolean =>
  tasks.every(({ months, tables }) => months.every(({ existing }) => existing.length === tables.length))
