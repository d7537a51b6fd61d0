import type { Config } from '../../config/schema.ts'
import { FactWriter } from '../../encode/facts.ts'
import { readFooter } from '../../encode/footer.ts'
import { countRows, TextWriter } from '../../encode/text-writer.ts'
import { RetailError } from '../../errors.ts'
import { type Lake, parsePartKey, partKey } from '../../ports/index.ts'
import type { Batch } from '../../simulator/batch.ts'
import { simulateDays } from '../../simulator/block.ts'
import type { FactName } from '../../tables/index.ts'
import { type Day, firstDayOf, formatMonth, type Month } from '../../time.ts'
import { GENERATOR_VERSION, type World } from '../../world/world.ts'
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

type Writer = Pick<FactWriter, 'add' | 'close' | 'rows'>

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
    /** a row group, used again for every month of a thread: new ones of this size are seconds of page faults */
    scratch: Batch
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
  /** the last month whose rows are all with their writers */
  let made: Month | undefined
  try {
    for (const { month, through, tables } of todo) {
      // The main thread's word comes in between, and so does Ctrl-C.
      await new Promise(setImmediate)
      if (stop()) return
      const before = written
      written = Promise.all(writeParts(month, through, [...tables]))
      written.catch(() => {})
      await before
    }
  } finally {
    await written
  }
  const last = task.months[task.months.length - 1]
  if (traveller.hour === (last.through + 1) * 24) await saveState(world, traveller, workspace)

  /**
   * Both tables come from one simulation, and a row group of it is in memory at a time: the parts are open inside one another, and
   * all rows are written when this returns. What is returned waits for the disk.
   */
  function writeParts(
    month: Month,
    through: Day,
    [first, ...others]: readonly [FactName, 'made' | 'remade'][],
    writers: Writer[] = [],
  ): Promise<void>[] {
    if (!first) {
      simulateMonth(month, through, writers)
      return []
    }
    const [table, how] = first
    const key = partKey(table, block.index, month, through, lake.format)
    const identity = { world: world.id, generator: GENERATOR_VERSION, content: contentOf(block.index, month) }
    let rows = 0
    let inner: Promise<void>[] = []
    const put = lake.put(key, (sink) => {
      const writer =
        lake.format === 'parquet'
          ? new FactWriter(sink, world, table, config.target === 'gcp', identity, config.parquet.compression)
          : new TextWriter(sink, world, table, lake.format)
      writers.push(writer)
      inner = writeParts(month, through, others, writers)
      // What kept the rows from being all here is thrown by a part inside; this one must not be seen.
      if (made !== month) throw new Error(`${key} lacks rows`)
      writer.close()
      rows = writer.rows
    })
    return [...inner, put.then((sizeBytes) => onPart({ table, key, month, rows, sizeBytes, how }))]
  }

  /** Writes a month's rows, in whole row groups. */
  function simulateMonth(month: Month, through: Day, writers: readonly Writer[]): void {
    const flush = () => {
      for (const writer of writers) writer.add(scratch)
      scratch.clear()
    }
    scratch.clear()
    simulateDays(world, traveller, firstDayOf(month), scratch, () => scratch.clear())
    for (let day = Math.max(firstDayOf(month), world.from); day <= through; day++) {
      if (scratch.lines.n >= GROUP_LINES) flush()
      simulateDays(world, traveller, day + 1, scratch)
    }
    flush()
    made = month
  }
}

const contentOf = (block: number, month: Month): string => `block ${block}, ${formatMonth(month)}`

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
  const part = parsePartKey(key)
  const { 'retail.table': holds, 'retail.content': content } = footer.metadata
  if (part && (holds !== table || content !== contentOf(part.block, part.month)))
    return `it holds ${holds} of ${content}`
  return { rows: footer.rows, sizeBytes: bytes.length }
}
