import type { FaultProfile } from '../../config/fault-kinds.ts'
import { digestOf } from '../../config/faults.ts'
import type { Config } from '../../config/schema.ts'
import { FactWriter } from '../../encode/facts.ts'
import { type Footer, peekFooter } from '../../encode/footer.ts'
import { headOf } from '../../encode/row-layout.ts'
import { countRows, TextWriter } from '../../encode/text-writer.ts'
import { Fates } from '../../faults/index.ts'
import { broken, type Damage, foreignTo, otherContent } from '../../ports/damage.ts'
import {
  type ByteSink,
  type Draft,
  type ExportPlace,
  type Lake,
  type Part,
  parsePartKey,
  partKey,
} from '../../ports/index.ts'
import { simulateDays } from '../../simulator/block.ts'
import type { ColumnBatch } from '../../simulator/column-batch.ts'
import type { FactName } from '../../tables/index.ts'
import { type Day, firstDayOf, formatDay, formatMonth, type Month, parseDay } from '../../time.ts'
import { GENERATOR_VERSION, type World } from '../../world/world.ts'
import { foreignKey } from '../foreign-file.ts'
import { footerOf, isDamage, readOrWhy } from '../read-whole.ts'
import { Arrivals, ArrivalsWriter } from './arrivals.ts'
import { GROUP_LINES } from './group-lines.ts'
import { type Snapshots, saveState, stateAt } from './snapshots.ts'

/** A folder, and what happens to events on their way to it. */
export interface FaultyPlace extends ExportPlace {
  profile?: FaultProfile | undefined
}

export interface PartFaults {
  profile: FaultProfile
  origin: Day
}

/** Those of an export, whose first day says which events were sent at all. */
export const faultsOf = ({ profile, from }: FaultyPlace): PartFaults | undefined =>
  profile && { profile, origin: parseDay(from)! }

/** One block's share of a backfill. */
export interface BlockTask {
  block: number
  tables: readonly FactName[]
  months: (Span & {
    existing: { table: FactName; key: string }[]
    /** The tables that have only shorter parts of this month. */
    longer?: FactName[]
    /** Shorter parts to remove once this part exists; databases read them by their second names. */
    replaces?: { table: FactName; key: string }[]
  })[]
}

/** The content of a part: its whole month, unless the world or an export starts later, or history ends earlier. */
interface Span {
  month: Month
  /** The first day whose rows it holds. */
  from: Day
  through: Day
}

export interface PartDone {
  table: FactName
  key: string
  month: Month
  rows: number
  sizeBytes: number
  how: How | 'kept'
}

/** Why a part is written: there was none, only a shorter one, or a damaged one. */
type How = 'made' | 'longer' | 'remade'

type Writer = Pick<FactWriter, 'add' | 'close' | 'rows'>

/** Generates the parts of a block that are missing or damaged. Between months, it checks whether to stop. */
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
    faults,
  }: {
    config: Config
    world: World
    lake: Lake
    workspace: Snapshots
    /** A row group, reused for every month of a thread: new ones of this size cost seconds of page faults. */
    scratch: ColumnBatch
    stop: () => boolean
    onPart: (part: PartDone) => void
    /** What happens to events on their way to the files of an export, whose first day is `origin`. */
    faults?: PartFaults | undefined
  },
): Promise<void> {
  const block = world.blocks[task.block]
  const todo: (Span & { tables: Map<FactName, How> })[] = []
  const replaced = new Map<string, string[]>()
  for (const { month, from, through, existing, longer = [], replaces = [] } of task.months) {
    for (const { table, key } of replaces) {
      const successor = partKey(table, block.index, month, through, lake)
      replaced.set(successor, [...(replaced.get(successor) ?? []), key])
    }
    const tables = new Map<FactName, How>(task.tables.map((name) => [name, longer.includes(name) ? 'longer' : 'made']))
    for (const { table, key } of existing) {
      const kept = await checkPart(world, lake, table, key, from, faults?.profile)
      if (isDamage(kept)) {
        if (kept.kind === 'foreign') throw foreignKey(lake, key, kept)
        tables.set(table, 'remade')
      } else {
        tables.delete(table)
        onPart({ table, key, month, how: 'kept', ...kept })
      }
    }
    if (tables.size > 0) todo.push({ month, from, through, tables })
  }
  if (todo.length === 0 || stop()) return

  const fates = faults && new Fates(faults.profile, world.seed)
  const cursor = fates ? undefined : await stateAt(world, block, firstDayOf(todo[0].month) * 24, workspace)
  let arrivals: Arrivals | undefined
  // While the disk writes one month, this simulates the next.
  let written: Promise<unknown> = Promise.resolve()
  try {
    for (const { tables, ...span } of todo) {
      // Yields, so that messages of the main thread and Ctrl-C arrive.
      await new Promise(setImmediate)
      if (stop()) return
      if (fates && arrivals?.day !== span.from) {
        const at = { origin: faults.origin, day: span.from }
        arrivals = await Arrivals.open(world, block, fates, at, workspace)
      }
      const before = written
      written = writeParts(span, tables)
      // It is awaited below, and throws there.
      written.catch(() => {})
      await before
    }
  } finally {
    await written
  }
  const last = task.months[task.months.length - 1]
  if (cursor?.hour === (last.through + 1) * 24) await saveState(world, cursor, workspace)

  /**
   * Both tables come from one simulation. All rows are written when this returns; the returned promise waits for the
   * disk.
   */
  function writeParts(span: Span, tables: ReadonlyMap<FactName, How>): Promise<unknown> {
    const { month, from, through } = span
    const drafts: Draft[] = []
    const open = (table: FactName) => {
      const key = partKey(table, block.index, month, through, lake)
      const draft = lake.draft(key)
      drafts.push(draft)
      const content = contentOf(world, { block: block.index, month, through }, from, faults?.profile)
      return { key, draft, writer: writerInto(draft, table, content) }
    }
    try {
      const parts = Array.from(tables, ([table, how]) => ({ table, how, ...open(table) }))
      const writers = parts.map(({ writer }) => writer)
      if (arrivals) arrivals.write(through, GROUP_LINES, writers)
      else simulateMonth(span, writers)
      for (const writer of writers) writer.close()
      return Promise.all(
        parts.map(async ({ table, how, key, draft, writer }) => {
          const sizeBytes = await draft.commit()
          await lake.remove(replaced.get(key) ?? [])
          onPart({ table, key, month, rows: writer.rows, sizeBytes, how })
        }),
      )
    } catch (error) {
      for (const draft of drafts) draft.discard()
      throw error
    }
  }

  function writerInto(sink: ByteSink, table: FactName, content: string): Writer {
    if (lake.format !== 'parquet')
      return fates
        ? new ArrivalsWriter(sink, world, table, lake.format, headOf(world.schema, table, lake.format))
        : new TextWriter(sink, world, table, lake.format)
    const identity = { world: world.id, generator: GENERATOR_VERSION, content }
    return new FactWriter(sink, world, table, lake.traits.timestamps === 'utc', identity, config.parquet.compression)
  }

  /** Writes a month's rows, in complete row groups. */
  function simulateMonth({ from, through }: Span, writers: readonly Writer[]): void {
    const flush = () => {
      for (const writer of writers) writer.add(scratch)
      scratch.clear()
    }
    scratch.clear()
    simulateDays(world, cursor!, from, scratch, () => scratch.clear())
    for (let day = from; day <= through; day++) {
      if (scratch.facts.transactions.rows.n >= GROUP_LINES) flush()
      simulateDays(world, cursor!, day + 1, scratch)
    }
    flush()
  }
}

/** A part starts with its month, or with the world; a part of an export may start later and then records that. */
function contentOf(
  { from: begin }: World,
  { block, month, through }: Pick<Part, 'block' | 'month' | 'through'>,
  from: Day,
  faults?: FaultProfile,
): string {
  const late = from > Math.max(firstDayOf(month), begin) ? ` from ${formatDay(from)}` : ''
  return `block ${block}, ${formatMonth(month)}${late}${THROUGH}${formatDay(through)}${faults ? ` with faults ${digestOf(faults)}` : ''}`
}

const THROUGH = ' through '
/** Older versions did not record where a part ends; what they wrote is as good. */
const sameContent = (found: string, expected: string): boolean =>
  found === (found.includes(THROUGH) ? expected : expected.slice(0, expected.indexOf(THROUGH)))

/**
 * Rows and size of a complete part; otherwise what is wrong with it. `from`: its first day, if that is not the first of
 * its month.
 */
export async function checkPart(
  world: World,
  lake: Lake,
  table: FactName,
  key: string,
  from?: Day,
  faults?: FaultProfile,
): Promise<{ rows: number; sizeBytes: number } | Damage> {
  const bytes = await readOrWhy(lake, key)
  if (isDamage(bytes)) return bytes
  if (lake.format !== 'parquet') {
    const rows = countRows(bytes, world.schema, table, lake.format)
    return typeof rows === 'string' ? broken(rows) : { rows, sizeBytes: bytes.length }
  }
  const footer = footerOf(bytes)
  if (isDamage(footer)) return footer
  return contentDamage(world, lake, table, key, footer, from, faults) ?? { rows: footer.rows, sizeBytes: bytes.length }
}

/**
 * Whether the end of a part says what its name says. Nothing else of it is read, so a part may be damaged; and what has
 * another content is for `checkPart`, which knows whether the file is intact.
 */
export async function fitsName(world: World, lake: Lake, table: FactName, key: string): Promise<boolean> {
  if (lake.format !== 'parquet') return false
  const end = await readOrWhy({ read: (name) => lake.readEnd(name, FOOTER_BYTES) }, key)
  const footer = isDamage(end) ? undefined : peekFooter(end)
  return footer !== undefined && contentDamage(world, lake, table, key, footer) === undefined
}

/** More than a footer has, of however many rows. */
const FOOTER_BYTES = 1 << 20

/** What a part holds instead of what its name says. */
function contentDamage(
  world: World,
  lake: Lake,
  table: FactName,
  key: string,
  { metadata }: Footer,
  from?: Day,
  faults?: FaultProfile,
): Damage | undefined {
  const owner = metadata['retail.world']
  if (owner !== world.id) return foreignTo(owner)
  const part = parsePartKey(key, lake)
  const { 'retail.table': holds, 'retail.content': content = '' } = metadata
  const expected = part && contentOf(world, part, from ?? firstDayOf(part.month), faults)
  if (expected !== undefined && (holds !== table || !sameContent(content, expected)))
    return otherContent(holds, content)
  return undefined
}
