import type { Config } from '../config/schema.ts'
import { FactWriter } from '../encode/facts.ts'
import { readFooter } from '../encode/footer.ts'
import { RetailError } from '../errors.ts'
import { type Lake, partKey } from '../ports/index.ts'
import { Batch } from '../simulator/batch.ts'
import { simulateDays, type Traveller } from '../simulator/block.ts'
import { type FactName, facts } from '../tables/index.ts'
import { type Day, firstDayOf, formatMonth, type Month } from '../time.ts'
import { GENERATOR_VERSION, type World } from '../world/world.ts'
import { type Snapshots, saveState, stateAt } from './snapshots.ts'

/** One block's share of a backfill. */
export interface BlockTask {
  block: number
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
    stop,
    onPart,
  }: {
    config: Config
    world: World
    lake: Lake
    workspace: Snapshots
    stop: () => boolean
    onPart: (part: PartDone) => void
  },
): Promise<void> {
  const block = world.blocks[task.block]
  const todo: { month: Month; through: Day; tables: Map<FactName, 'made' | 'remade'> }[] = []
  for (const { month, through, existing } of task.months) {
    const tables = new Map<FactName, 'made' | 'remade'>(facts.map(({ name }) => [name, 'made']))
    for (const { table, key } of existing) {
      const kept = await checkPart(world, lake, key)
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
  const batch = new Batch(world.schema === 'extended', 1 << 16)
  for (const { month, through, tables } of todo) {
    if (stop()) return
    simulateDays(world, traveller, firstDayOf(month), batch, () => batch.clear())
    await makeMonth(month, through, tables, traveller, batch)
    // The main thread's word comes in between, and so does Ctrl-C.
    await new Promise(setImmediate)
  }
  const last = task.months[task.months.length - 1]
  if (traveller.hour === (last.through + 1) * 24) await saveState(world, traveller, workspace)

  /** Both tables come from one simulation; a table that is there already is only simulated past. */
  async function makeMonth(
    month: Month,
    through: Day,
    tables: Map<FactName, 'made' | 'remade'>,
    at: Traveller,
    rows: Batch,
  ): Promise<void> {
    const first = Math.max(firstDayOf(month), world.from)
    const identity = {
      world: world.id,
      generator: GENERATOR_VERSION,
      content: `block ${block.index}, ${formatMonth(month)}`,
    }
    // The files are written one after the other, so the month's groups are kept; a block's month is about one group.
    const batches: Batch[] = []
    let current = rows
    current.clear()
    for (let day = first; day <= through; day++) {
      simulateDays(world, at, day + 1, current)
      if (current.lines.n < GROUP_LINES && day < through) continue
      batches.push(current)
      if (day < through) current = new Batch(rows.extended, 1 << 20)
    }
    for (const [table, how] of tables) {
      const key = partKey(table, block.index, month, through)
      let count = 0
      const sizeBytes = await lake.put(key, (sink) => {
        const writer = new FactWriter(sink, world, table, config.target === 'gcp', identity)
        for (const group of batches) writer.add(group)
        writer.close()
        count = writer.rows
      })
      onPart({ table, key, month, rows: count, sizeBytes, how })
    }
    rows.clear()
  }
}

/** Rows and size of a part that is whole; else what is wrong with it. */
export async function checkPart(
  world: World,
  lake: Lake,
  key: string,
): Promise<{ rows: number; sizeBytes: number } | string> {
  const bytes = await lake.read(key)
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
