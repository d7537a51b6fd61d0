import type { FaultProfile } from '../../src/config/fault-kinds.ts'
import type { RowForm } from '../../src/encode/row-layout.ts'
import { Fates, FaultyTimeline, SentBatch, sentPagesOf } from '../../src/faults/index.ts'
import { beginBlock } from '../../src/simulator/block.ts'
import { LiveTimeline } from '../../src/simulator/live-timeline.ts'
import { columnsOf, type FactName, facts, keyOf, tables, type WorldSchema } from '../../src/tables/index.ts'
import { SECONDS_PER_DAY, type Second } from '../../src/time.ts'
import type { World } from '../../src/world/world.ts'
import type { CorruptRow } from './corrupt.ts'

/** A copy of an event as a consumer receives it. */
export interface Received {
  at: Second
  body: Buffer
}

/** A batch that remembers when each copy arrives. */
class TimedBatch extends SentBatch {
  readonly instants: Second[][] = facts.map(() => [])

  override add(...given: Parameters<SentBatch['add']>): void {
    super.add(...given)
    this.instants[given[2]].push(given[0])
  }
}

/** All copies of the events of a table before `end`, in order of arrival, that arrive before `delivered`. */
export async function received(
  world: World,
  profile: FaultProfile,
  table: FactName,
  end: Second,
  delivered = Number.POSITIVE_INFINITY,
  form: RowForm = 'event',
): Promise<Received[]> {
  const fates = new Fates(profile, world.seed)
  const origin = world.from * SECONDS_PER_DAY
  const open = async (at: Second) =>
    LiveTimeline.open(
      world,
      world.blocks.map((block) => beginBlock(world, block)),
      at,
    )
  const timeline = await FaultyTimeline.open(world, fates, { origin, position: origin, end }, open)
  const batch = new TimedBatch(world, fates)
  timeline.drain(batch)
  const instants = batch.instants[facts.findIndex(({ name }) => name === table)]
  const copies: Received[] = []
  for (const { n, bytes, starts } of sentPagesOf(world, batch, form, [table]))
    for (let i = 0; i < n; i++)
      copies.push({ at: instants[copies.length], body: Buffer.from(bytes.subarray(starts[i], starts[i + 1] - 1)) })
  return copies.filter(({ at }) => at < delivered)
}

/** What a consumer has in the end. */
export interface Consumed {
  rows: CorruptRow[]
  dead: Buffer[]
}

type Event = Record<string, unknown>

function parsed(text: string): Event | undefined {
  try {
    const value = JSON.parse(text) as unknown
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Event) : undefined
  } catch {
    return undefined
  }
}

const WATERMARK = 7_200

/** Keeps everything that it can make a row of, drops rows behind a watermark, and removes no repeats. */
export function naive(
  copies: readonly Received[],
  table: FactName,
  schema: WorldSchema = 'strict',
  watermark = WATERMARK,
): Consumed {
  const rows: CorruptRow[] = []
  const columns = columnsOf(tables[table], schema)
  let newest = 0
  for (const { body } of copies) {
    const event = parsed(body.toString()) ?? {}
    const row = Object.fromEntries(
      columns.map(([name, { type }]): [string, string | null] => {
        const value = event[name]
        if (typeof value !== 'string' && typeof value !== 'number') return [name, null]
        return [name, type === 'int' && !(Math.abs(Number(value)) < 2 ** 31) ? null : String(value)]
      }),
    )
    if (row.timestamp !== null) {
      const time = Date.parse(row.timestamp) / 1000
      newest = Math.max(newest, time)
      if (time < newest - watermark) continue
    }
    rows.push(row)
  }
  return { rows, dead: [] }
}

/** Loads once a day, and takes what is newer than what it has; it removes no repeats. */
export function marked(copies: readonly Received[], table: FactName, schema: WorldSchema = 'strict'): Consumed {
  const columns = columnsOf(tables[table], schema)
  const rows: CorruptRow[] = []
  const dead: Buffer[] = []
  let [day, mark, newest] = [0, '', '']
  for (const { at, body } of copies) {
    const today = Math.floor(at / SECONDS_PER_DAY)
    if (today > day) [day, mark] = [today, newest]
    const row = read(body, columns, false)
    if (!row) dead.push(body)
    else if (row.timestamp! > mark) rows.push(row)
    if (row && row.timestamp! > newest) newest = row.timestamp!
  }
  return { rows, dead }
}

interface Careful {
  /** Seconds for which an id is remembered. */
  ttl?: number
  /** Whether it reads what needs no guess. */
  lenient?: boolean
  lastWins?: boolean
  schema?: WorldSchema
}

/** Checks every event against its schema, and keeps one row of each id. */
export function careful(
  copies: readonly Received[],
  table: FactName,
  { ttl = Number.POSITIVE_INFINITY, lenient = false, lastWins = false, schema = 'strict' }: Careful = {},
): Consumed {
  const columns = columnsOf(tables[table], schema)
  const key = keyOf(tables[table])
  const seen = new Map<string, { at: Second; row: number }>()
  const rows: CorruptRow[] = []
  const dead: Buffer[] = []
  for (const { at, body } of copies) {
    const row = read(body, columns, lenient)
    if (!row) {
      dead.push(body)
      continue
    }
    const id = row[key]!
    const known = seen.get(id)
    const isRepeat = known !== undefined && at - known.at < ttl
    if (isRepeat && lastWins) rows[known.row] = row
    if (isRepeat) continue
    seen.set(id, { at, row: rows.length })
    rows.push(row)
  }
  return { rows, dead }
}

interface Applying {
  /** Whether it keeps the highest version of an event, or the one that came last. */
  byVersion?: boolean
  deletions?: boolean
  schema?: WorldSchema
}

/** Applies inserts, updates, and deletions, and keeps one row of each id. */
export function applying(
  copies: readonly Received[],
  table: FactName,
  { byVersion = true, deletions = true, schema = 'strict' }: Applying = {},
): Consumed {
  const columns = columnsOf(tables[table], schema)
  const key = keyOf(tables[table])
  const rows = new Map<string, { row: CorruptRow; version: number; isDeleted: boolean }>()
  const dead: Buffer[] = []
  for (const { body } of copies) {
    const row = read(body, columns, false)
    if (!row) {
      dead.push(body)
      continue
    }
    const { op, version } = JSON.parse(body.toString()) as { op: string; version: number }
    const known = rows.get(row[key]!)
    if (known && (byVersion ? version <= known.version : version < 2 && known.version < 2)) continue
    rows.set(row[key]!, { row, version, isDeleted: op === 'delete' && deletions })
  }
  return { rows: [...rows.values()].flatMap(({ row, isDeleted }) => (isDeleted ? [] : [row])), dead }
}

function read(
  body: Buffer,
  columns: readonly [string, { type: string; references?: string; optional?: true }][],
  lenient: boolean,
): CorruptRow | undefined {
  if (!lenient && body.length > 1 << 16) return undefined
  let text: string
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(body)
  } catch {
    return undefined
  }
  let event = parsed(text)
  if (lenient && typeof event?.payload === 'object') event = event.payload as Event
  if (!event) return undefined
  const row: CorruptRow = {}
  for (const [name, { type, references, optional }] of columns) {
    const value = event[name]
    if (optional && value === null) {
      row[name] = null
      continue
    }
    if (type === 'int') {
      const number = lenient && typeof value === 'string' ? Number(value) : value
      if (typeof number !== 'number' || !Number.isInteger(number) || Math.abs(number) >= 2 ** 31) return undefined
      row[name] = String(number)
    } else {
      if (typeof value !== 'string') return undefined
      if (references && !new RegExp(`^${references[0].toUpperCase()}\\d+$`).test(value)) return undefined
      row[name] = value
    }
  }
  return row
}
