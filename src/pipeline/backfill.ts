import type { Config } from '../config/schema.ts'
import { RetailError } from '../errors.ts'
import type { LakeLayout, Ports, Shard } from '../ports/index.ts'
import { facts } from '../tables/index.ts'
import { type Day, firstDayOf, formatDay, monthOf, parseDay, SECONDS_PER_DAY } from '../time.ts'
import { VERSION } from '../version.ts'
import { buildWorld, type World } from '../world/world.ts'
import type { BlockTask, PartDone } from './block-task.ts'
import { checkWorld, claimLake } from './identity.ts'
import { beginGeneration, coverWorld, removeSuperseded } from './live-layout.ts'
import { recorded } from './record.ts'
import type { BackfillProgress, BackfillResult } from './results.ts'
import { runPool, workerCount } from './workers.ts'

export interface BackfillOptions {
  /** first and last day, inclusive; default: the history of the config */
  from?: Day
  to?: Day
  workers?: number
  /** 0-based index of `count`: makes the blocks with block % count === index */
  shard?: Shard | undefined
  dryRun?: boolean
  /** on abort the parts in hand are finished and the result says `complete: false` */
  signal?: AbortSignal
  onProgress?: (progress: BackfillProgress) => void
}

/** Movements a line brings along: its own, receipts, returns and shrink. [M] of this model */
export const MOVEMENTS_PER_LINE = 1.18
const BYTES_PER_LINE = 17.3
const BYTES_PER_MOVEMENT = 17.6

/** Makes every part of the period that is not there or not whole, in worker threads, and publishes. */
export async function backfill(ports: Ports, config: Config, options: BackfillOptions): Promise<BackfillResult> {
  const world = buildWorld(config)
  const period = periodOf(world, config, options)
  const shard = options.shard ?? { index: 0, count: 1 }
  const blocks = world.blocks.map(({ index }) => index).filter((block) => block % shard.count === shard.index)
  const workers = workerCount(options.workers, blocks.length)
  const start = performance.now()
  const base = {
    world: world.id,
    from: formatDay(period.from),
    to: formatDay(period.to),
    shard: `${shard.index + 1}/${shard.count}`,
    workers,
    dryRun: options.dryRun ?? false,
  }
  if (options.dryRun) {
    await checkWorld(ports, world, config)
    return { ...base, ...planned(tasksFor(blocks, period, await ports.lake.layout()), world, start) }
  }
  const done: PartDone[] = []
  const totalRows = estimateRows(world, period, blocks.length)
  let doneRows = 0
  let hand: (tasks: readonly BlockTask[]) => void = () => {}
  let giveUp: (why: unknown) => void = () => {}
  // The threads start while the lock is taken and the lake is looked at.
  const pool = runPool<BlockTask, PartDone>({
    worker: 'backfill-worker',
    open: { config },
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
      const tasks = tasksFor(blocks, period, await ports.lake.layout())
      hand(tasks)
      await pool
      const layout = await publishHistory(ports, world, config, shard)
      const allShards = coverWorld(layout, world).history >= (period.to + 1) * SECONDS_PER_DAY
      return { ...base, ...summary(done, start), complete: done.length === partCount(tasks), allShards }
    })
  } catch (error) {
    giveUp(error)
    await ended
    throw error
  }
}

/** Takes the right to write and an empty lake. Shards write side by side; only one that is alone may clear up after others. */
async function begin(ports: Ports, world: World, config: Config, shard: Shard): Promise<AsyncDisposable> {
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
async function publishHistory(ports: Ports, world: World, config: Config, shard: Shard): Promise<LakeLayout> {
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

const partCount = (tasks: readonly BlockTask[]): number =>
  tasks.reduce((n, { months }) => n + months.length * facts.length, 0)

interface Period {
  from: Day
  to: Day
}

function periodOf(world: World, config: Config, { from, to }: BackfillOptions): Period {
  const period = { from: from ?? world.from, to: to ?? parseDay(config.history.to)! }
  if (period.from < world.from)
    throw new RetailError('bad_flag', `--from ${formatDay(period.from)} is before the world begins`, {
      why: `the opening stock is counted on history.from, ${config.history.from}; an earlier one is another world`,
      hint: `use --from ${config.history.from}, or set history.from in retail.yaml before the first backfill`,
    })
  if (period.to < period.from)
    throw new RetailError(
      'bad_flag',
      `the period ends (${formatDay(period.to)}) before it begins (${formatDay(period.from)})`,
      {
        hint: `give a --to of ${formatDay(period.from)} or later`,
      },
    )
  if (period.to > parseDay('2098-12-31')!)
    throw new RetailError('bad_flag', `--to ${formatDay(period.to)} is too late`, {
      why: 'ids carry two digits of the year',
      hint: 'give a --to by 2098-12-31',
    })
  // Parts are whole months: a period that begins inside one begins with it.
  return { from: Math.max(world.from, firstDayOf(monthOf(period.from))), to: period.to }
}

function tasksFor(blocks: readonly number[], { from, to }: Period, layout: LakeLayout): BlockTask[] {
  const tasks = new Map<number, BlockTask>(blocks.map((block) => [block, { block, months: [] }]))
  for (const task of tasks.values()) {
    for (let month = monthOf(from); month <= monthOf(to); month++)
      task.months.push({ month, through: Math.min(firstDayOf(month + 1) - 1, to), existing: [] })
  }
  for (const part of layout.parts) {
    const slot = tasks
      .get(part.block)
      ?.months.find(({ month, through }) => month === part.month && part.through >= through)
    if (slot && !slot.existing.some(({ table }) => table === part.table))
      slot.existing.push({ table: part.table, key: part.key })
  }
  return [...tasks.values()]
}

const estimateRows = (world: World, { from, to }: Period, blocks: number): number => {
  const lines = ((to - from + 1) * world.linesPerStoreDay * world.stores.count * blocks) / world.blocks.length
  return Math.round(lines * (1 + MOVEMENTS_PER_LINE))
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
  start: number,
): Summary & { complete: boolean; allShards: boolean } {
  let [made, kept, storeDays] = [0, 0, 0]
  for (const { block, months } of tasks) {
    for (const { month, through, existing } of months) {
      kept += existing.length
      made += 2 - existing.length
      const { lo, hi } = world.blocks[block]
      if (existing.length < 2) storeDays += (hi - lo) * (through - Math.max(world.from, firstDayOf(month)) + 1)
    }
  }
  const lines = Math.round(storeDays * world.linesPerStoreDay)
  const rows = { transactions: lines, inventories: Math.round(lines * MOVEMENTS_PER_LINE) }
  const sizeBytes = Math.round(lines * BYTES_PER_LINE + rows.inventories * BYTES_PER_MOVEMENT)
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
