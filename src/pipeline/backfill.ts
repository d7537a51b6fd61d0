import type { Config } from '../config/schema.ts'
import type { ExportPlace, ExportPorts, LakeLayout, Ports, Shard } from '../ports/index.ts'
import {
  type DimensionName,
  dimensions,
  type FactName,
  type FileFormat,
  facts,
  type TableName,
} from '../tables/index.ts'
import { firstDayOf, formatDay, monthOf, SECONDS_PER_DAY } from '../time.ts'
import { VERSION } from '../version.ts'
import { buildWorld, type World } from '../world/world.ts'
import { dimensionRows, putDimension } from './dimensions.ts'
import { estimateBytes, estimateRows, type Shape, shapeOf } from './estimate.ts'
import type { BlockTask, PartDone } from './history/block-task.ts'
import { checkWorld, claimLake } from './identity.ts'
import { beginGeneration, coverWorld, removeSuperseded } from './live/layout.ts'
import { blocksOf, type Period, type PeriodOptions, periodOf } from './period.ts'
import { recorded } from './record.ts'
import type { BackfillProgress, BackfillResult } from './results.ts'
import { runPool, workerCount } from './workers.ts'

export interface BackfillOptions extends PeriodOptions {
  workers?: number
  /** 0-based index of `count`: makes the blocks with block % count === index */
  shard?: Shard | undefined
  dryRun?: boolean
  /** makes an export: `ports` are those of its folder */
  out?: ExportOptions | undefined
  /** on abort the parts in hand are finished and the result says `complete: false` */
  signal?: AbortSignal
  onProgress?: (progress: BackfillProgress) => void
}

export interface ExportOptions extends ExportPlace {
  tables: readonly TableName[]
}

/** Makes every part of the period that is not there or not whole, in worker threads, and publishes. */
export async function backfill(
  ports: Ports | ExportPorts,
  config: Config,
  options: BackfillOptions,
): Promise<BackfillResult> {
  const world = buildWorld(config)
  const period = wholeMonths(world, periodOf(world, config, options))
  const shard = options.shard ?? { index: 0, count: 1 }
  const blocks = blocksOf(world, shard)
  const { out } = options
  const tables = facts.map(({ name }) => name).filter((name) => !out || out.tables.includes(name))
  const plan = (layout: LakeLayout) => tasksFor(blocks, tables, period, layout)
  const workers = workerCount(options.workers, tables.length > 0 ? blocks.length : 1)
  const start = performance.now()
  const base = {
    world: world.id,
    from: formatDay(period.from),
    to: formatDay(period.to),
    shard: `${shard.index + 1}/${shard.count}`,
    workers,
    dryRun: options.dryRun ?? false,
    ...(out && { export: { ...out, dimensions: dimensionsOf(world, out) } }),
  }
  if (options.dryRun || out) await checkWorld(ports, world, config)
  if (options.dryRun)
    return { ...base, ...planned(plan(await ports.lake.layout()), world, shapeOf(config), ports.lake.format, start) }
  const done: PartDone[] = []
  const expected = estimateRows(shapeOf(config), period, storesOf(world, blocks))
  const totalRows = Math.round(tables.reduce((sum, table) => sum + expected[table], 0))
  let doneRows = 0
  let hand: (tasks: readonly BlockTask[]) => void = () => {}
  let giveUp: (why: unknown) => void = () => {}
  // The threads start while the lock is taken and the lake is looked at.
  const pool = runPool<BlockTask, PartDone>({
    worker: 'history/backfill-worker',
    open: { config, out },
    tasks: new Promise((resolve, reject) => {
      hand = resolve
      giveUp = reject
    }),
    workers,
    signal: options.signal,
    onMessage(part) {
      done.push(part)
      doneRows += part.rows
      options.onProgress?.({ doneRows, totalRows: Math.max(totalRows, doneRows), month: part.key.split('/')[1] })
    },
  })
  const ended = pool.catch(() => {})
  try {
    await using _lock = await begin(ports, world, config, shard)
    return await recorded(ports.workspace, 'backfill', async () => {
      const before = await ports.lake.layout()
      if (out) await exportDimensions(ports, world, config, out, before)
      const tasks = plan(before)
      hand(tasks)
      try {
        await pool
      } catch (error) {
        // A thread that was ended in the middle of a file could not take it back.
        if (shard.count === 1) await ports.lake.sweep().catch(() => {})
        throw error
      }
      const complete = done.length === partCount(tasks)
      const layout = out ? await clearReplaced(ports, world, blocks) : await publishHistory(ports, world, config, shard)
      const allShards = out
        ? tasksFor(blocksOf(world), tables, period, layout).every(isThere)
        : coverWorld(layout, world).history >= (period.to + 1) * SECONDS_PER_DAY
      return { ...base, ...summary(done, start), complete, allShards }
    })
  } catch (error) {
    giveUp(error)
    await ended
    throw error
  }
}

/** Takes the right to write and an empty lake. Shards write side by side; only one that is alone may clear up after others. */
async function begin(ports: ExportPorts, world: World, config: Config, shard: Shard): Promise<AsyncDisposable> {
  const enter = async (alone: boolean) => {
    await claimLake(ports, world, config)
    if (alone) await ports.lake.sweep()
  }
  if (shard.count > 1) return await ports.workspace.share('backfill', VERSION, shard, enter)
  const lock = await ports.workspace.lock('lake', 'backfill')
  try {
    await enter(true)
    return lock
  } catch (error) {
    await lock[Symbol.asyncDispose]()
    throw error
  }
}

/** Live batches that history has caught up with must leave the open generation, which is read whole. */
async function publishHistory(ports: ExportPorts, world: World, config: Config, shard: Shard): Promise<LakeLayout> {
  const sharded = shard.count > 1
  await using _turn = sharded ? await ports.workspace.lock('turn', 'backfill') : undefined
  let layout = await ports.lake.layout()
  const cover = coverWorld(layout, world)
  if (
    layout.generation > 0 &&
    layout.live.some(({ generation, from }) => generation === layout.generation && from < cover.history)
  ) {
    await beginGeneration(ports.lake, world, config.target === 'gcp', layout, cover.live)
    layout = await ports.lake.layout()
  }
  await ports.warehouse.publish()
  // Another shard may be reading what is replaced: it goes when somebody is alone.
  if (!sharded) await removeSuperseded(ports.lake, ports.workspace, coverWorld(layout, world), Date.now())
  return layout
}

/** Readers of an export take every file that is there, so what a longer part replaces goes at once; its names tell nobody of a database. */
async function clearReplaced(
  { lake }: Pick<ExportPorts, 'lake'>,
  world: World,
  blocks: readonly number[],
): Promise<LakeLayout> {
  const { parts } = coverWorld(await lake.layout(), world).superseded
  await lake.remove(parts.filter(({ block }) => blocks.includes(block)).map(({ key }) => key))
  return await lake.layout()
}

async function exportDimensions(
  { lake }: Pick<ExportPorts, 'lake'>,
  world: World,
  config: Config,
  out: ExportOptions,
  layout: LakeLayout,
): Promise<void> {
  for (const { name } of dimensions)
    if (out.tables.includes(name) && !layout.dimensions[name]) await putDimension(lake, world, config, name)
}

const dimensionsOf = (world: World, { tables }: ExportOptions): Partial<Record<DimensionName, number>> =>
  Object.fromEntries(Object.entries(dimensionRows(world)).filter(([name]) => tables.some((table) => table === name)))

const partCount = (tasks: readonly BlockTask[]): number =>
  tasks.reduce((n, { months, tables }) => n + months.length * tables.length, 0)

const isThere = ({ months, tables }: BlockTask): boolean =>
  months.every(({ existing }) => existing.length === tables.length)

const storesOf = (world: World, blocks: readonly number[]): number =>
  blocks.reduce((sum, block) => sum + world.blocks[block].hi - world.blocks[block].lo, 0)

/** Parts are whole months: a period that begins inside one begins with it. */
const wholeMonths = (world: World, { from, to }: Period): Period => ({
  from: Math.max(world.from, firstDayOf(monthOf(from))),
  to,
})

function tasksFor(
  blocks: readonly number[],
  tables: readonly FactName[],
  { from, to }: Period,
  layout: LakeLayout,
): BlockTask[] {
  if (tables.length === 0) return []
  const tasks = new Map<number, BlockTask>(blocks.map((block) => [block, { block, tables, months: [] }]))
  for (const task of tasks.values()) {
    for (let month = monthOf(from); month <= monthOf(to); month++)
      task.months.push({ month, through: Math.min(firstDayOf(month + 1) - 1, to), existing: [] })
  }
  for (const part of layout.parts.filter(({ table }) => tables.includes(table))) {
    const slot = tasks
      .get(part.block)
      ?.months.find(({ month, through }) => month === part.month && part.through >= through)
    if (slot && !slot.existing.some(({ table }) => table === part.table))
      slot.existing.push({ table: part.table, key: part.key })
  }
  return [...tasks.values()]
}

type Summary = Pick<
  BackfillResult,
  'parts' | 'rows' | 'sizeBytes' | 'total' | 'seconds' | 'rowsPerSecond' | 'peakRssBytes'
>

function summary(done: readonly PartDone[], start: number): Summary {
  const rows = (parts: readonly PartDone[]) => {
    const of = (table: string) => parts.reduce((sum, part) => sum + (part.table === table ? part.rows : 0), 0)
    return { transactions: of('transactions'), inventories: of('inventories') }
  }
  const bytes = (parts: readonly PartDone[]) => parts.reduce((sum, part) => sum + part.sizeBytes, 0)
  const count = (how: PartDone['how']) => done.filter((part) => part.how === how).length
  const made = done.filter(({ how }) => how !== 'kept')
  const seconds = (performance.now() - start) / 1000
  const madeRows = rows(made)
  return {
    parts: { made: count('made'), kept: count('kept'), remade: count('remade') },
    rows: madeRows,
    sizeBytes: bytes(made),
    total: { rows: rows(done), sizeBytes: bytes(done) },
    seconds,
    rowsPerSecond: Math.round((madeRows.transactions + madeRows.inventories) / seconds),
    peakRssBytes: process.resourceUsage().maxRSS * 1024,
  }
}

function planned(
  tasks: readonly BlockTask[],
  world: World,
  shape: Shape,
  format: FileFormat,
  start: number,
): Summary & { complete: boolean; allShards: boolean } {
  let [made, kept, sizeBytes] = [0, 0, 0]
  const rows = { transactions: 0, inventories: 0 }
  // Blocks differ in stores only, and rows are in proportion to them.
  const ofOneStore = new Map<number, Record<FactName, number>>()
  for (const { block, tables, months } of tasks) {
    const stores = storesOf(world, [block])
    for (const { month, through, existing } of months) {
      const period = { from: Math.max(world.from, firstDayOf(month)), to: through }
      const each = ofOneStore.get(month) ?? estimateRows(shape, period, 1)
      ofOneStore.set(month, each)
      for (const table of tables) {
        if (existing.some((part) => part.table === table)) kept++
        else {
          const storeDays = stores * (period.to - period.from + 1)
          made++
          const expected = each[table] * stores
          rows[table] += expected
          sizeBytes += estimateBytes(shape, table, format, { rows: expected, files: 1, storeDays })
        }
      }
    }
  }
  for (const { name } of facts) rows[name] = Math.round(rows[name])
  return {
    parts: { made, kept, remade: 0 },
    rows,
    sizeBytes,
    total: { rows, sizeBytes },
    seconds: (performance.now() - start) / 1000,
    rowsPerSecond: 0,
    peakRssBytes: process.resourceUsage().maxRSS * 1024,
    complete: made === 0,
    allShards: false,
  }
}
