import type { Config } from '../config/schema.ts'
import { FactWriter } from '../encode/facts.ts'
import { readFooter } from '../encode/footer.ts'
import { countRows, TextWriter } from '../encode/text-writer.ts'
import { RetailError } from '../errors.ts'
import { type Lake, partKey } from '../ports/index.ts'
import { Batch } from '../simulator/batch.ts'
import { simulateDays, type Traveller } from '../simulator/block.ts'
import type { FactName } from '../tables/index.ts'
import { type Day, firstDayOf, formatMonth, type Month } from '../time.ts'
import { GENERATOR_VERSION, type World } from '../world/world.ts'
import { type Snapshots, saveState, stateAt } from './snapshots.ts'

/** One block's share of a backfill. */
export interface BlockTask {
  block: number
  tables: readonly FactName[]
  months: { month: Month; through: Day; existing: { table: FactName; key: string }[] }[]
}

export interface PartDone {
  table: FactName
  key: string
  month: Month
  rows: number
  sizeBytes: number
  how: 'made' | 'kept' | 'remade'
}

/** Lines of a row group; movements are about a fifth more. BigQuery advises 16 MiB and more, readers hold one at a time. */
const GROUP_LINES = 1_500_000

/** Makes the parts of a block that are not there or not whole. Between months it looks whether to stop. */
export async function runBlockTask(
  task: BlockTask,
  {
    config,
    world,
    lake,
    workspace,
    scratch,
    stop,
    onPart,
  }: {
    config: Config
    world: World
    lake: Lake
    workspace: Snapshots
    /** row groups, used again for every month of a thread: new ones of this size are seconds of page faults */
    scratch: Batch[]
    stop: () => boolean
    onPart: (part: PartDone) => void
  },
): Promise<void> {
  const block = world.blocks[task.block]
  const todo: { month: Month; through: Day; tables: Map<FactName, 'made' | 'remade'> }[] = []
  for (const { month, through, existing } of task.months) {
    const tables = new Map<FactName, 'made' | 'remade'>(task.tables.map((name) => [name, 'made']))
    for (const { table, key } of existing) {
      const kept = await checkPart(world, lake, table, key)
      if (typeof kept === 'string') tables.set(table, 'remade')
      else {
        tables.delete(table)
        onPart({ table, key, month, how: 'kept', ...kept })
      }
    }
    if (tables.size > 0) todo.push({ month, through, tables })
  }
  if (todo.length === 0 || stop()) return

  const traveller = await stateAt(world, block, firstDayOf(todo[0].month) * 24, workspace)
  // While the disk takes one month the next is simulated.
  let written: Promise<unknown> = Promise.resolve()
  try {
    for (const { month, through, tables } of todo) {
      // The main thread's word comes in between, and so does Ctrl-C.
      await new Promise(setImmediate)
      if (stop()) return
      const groups = simulateMonth(traveller, month, through)
      await written
      written = Promise.all(Array.from(tables, ([table, how]) => writePart(table, how, month, through, groups)))
      written.catch(() => {})
    }
  } finally {
    await written
  }
  const last = task.months[task.months.length - 1]
  if (traveller.hour === (last.through + 1) * 24) await saveState(world, traveller, workspace)

  /** A month's rows, whole row groups: a block's month is about one. Both tables come from one simulation. */
  function simulateMonth(at: Traveller, month: Month, through: Day): Batch[] {
    const groups: Batch[] = []
    const next = () => {
      const batch = scratch[groups.length] ?? (scratch[groups.length] = new Batch(world.schema === 'extended', 1 << 16))
      batch.clear()
      groups.push(batch)
      return batch
    }
    let group = next()
    simulateDays(world, at, firstDayOf(month), group, () => group.clear())
    for (let day = Math.max(firstDayOf(month), world.from); day <= through; day++) {
      if (group.lines.n >= GROUP_LINES) group = next()
      simulateDays(world, at, day + 1, group)
    }
    return groups
  }

  async function writePart(
    table: FactName,
    how: 'made' | 'remade',
    month: Month,
    through: Day,
    groups: readonly Batch[],
  ): Promise<void> {
    const key = partKey(table, block.index, month, through, lake.format)
    const content = `block ${block.index}, ${formatMonth(month)}`
    const identity = { world: world.id, generator: GENERATOR_VERSION, content }
    let rows = 0
    const sizeBytes = await lake.put(key, (sink) => {
      const writer =
        lake.format === 'parquet'
          ? new FactWriter(sink, world, table, config.target === 'gcp', identity, config.parquet.compression)
          : new TextWriter(sink, world, table, lake.format)
      for (const group of groups) writer.add(group)
      writer.close()
      rows = writer.rows
    })
    onPart({ table, key, month, rows, sizeBytes, how })
  }
}

/** Rows and size of a part that is whole; else what is wrong with it. */
export async function checkPart(
  world: World,
  lake: Lake,
  table: FactName,
  key: string,
): Promise<{ rows: number; sizeBytes: number } | string> {
  const bytes = await lake.read(key)
  if (lake.format !== 'parquet') {
    const rows = countRows(bytes, world.schema, table, lake.format)
    return typeof rows === 'string' ? rows : { rows, sizeBytes: bytes.length }
  }
  const footer = readFooter(bytes)
  if (typeof footer === 'string') return footer
  const owner = footer.metadata['retail.world']
  if (owner !== world.id)
    throw new RetailError('foreign_world', `${key} in the lake belongs to another world (${owner})`, {
      why: `this workspace's world is ${world.id}`,
      hint: 'move that file away and run `retail backfill`',
    })
  return { rows: footer.rows, sizeBytes: bytes.length }
}
