import type { AppendRow, Delivery } from '../../ports/index.ts'
import {
  type ColumnType,
  columnsOf,
  dimensions,
  type FactName,
  factColumns,
  keyOf,
  tables,
} from '../../tables/index.ts'
import { formatSecond, parseSecond } from '../../time.ts'
import { isOwnId } from '../../truth/own-ids.ts'
import type { World } from '../../world/world.ts'

/**
 * A message as a row of its table, or the reason why it is invalid. Strict: a row that the table would reject must not
 * block the valid ones beside it.
 */
export function rowOf(
  table: FactName,
  world: Pick<World, 'id' | 'schema' | 'ids' | 'counts'>,
  { data, attributes }: Pick<Delivery, 'data' | 'attributes'>,
): AppendRow | string {
  if (attributes.world === undefined) return 'it does not say which world it belongs to: it has no attribute world'
  if (attributes.world !== world.id) return `it belongs to another world (${attributes.world})`
  if (attributes.table !== undefined && attributes.table !== table) return `it belongs to ${attributes.table}`
  let said: unknown
  try {
    said = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(data))
  } catch {
    // Only bytes in memory are parsed.
    return 'it is not JSON'
  }
  if (typeof said !== 'object' || said === null || Array.isArray(said)) return 'it is not a JSON object'
  const columns = columnsOf(tables[table], world.schema)
  const row: AppendRow = {}
  for (const [name, { type }] of columns) {
    const value = name in said ? (said as Record<string, unknown>)[name] : undefined
    if (value === undefined) return `it has no ${name}`
    const cell = cells[type](value)
    if (cell === undefined) return `${name} is not ${expected[type]}`
    row[name] = cell
  }
  const unknown = Object.keys(said).find((key) => !(key in row))
  if (unknown !== undefined) return `it has an unknown column, ${unknown}`
  return whyForeign(table, world, row) ?? row
}

/** Why a row cannot be of this world; undefined if it can. */
function whyForeign(
  table: FactName,
  world: Pick<World, 'schema' | 'ids' | 'counts'>,
  row: AppendRow,
): string | undefined {
  const key = keyOf(tables[table])
  const id = String(row[key])
  const day = formatSecond(Number(row.timestamp) / 1_000_000)
    .slice(2, 10)
    .replaceAll('-', '')
  if (!isOwnId(table, world, id, day)) return `${key} is not an id that this world has: ${id}`
  const store = `S${id.slice(8, 8 + world.ids.store)}`
  if (row.store_id !== store) return `store_id is ${row.store_id}, but ${id} belongs to ${store}`
  for (const [column, { kind, ...about }] of factColumns(tables[table], world.schema)) {
    if (kind !== 'member' || !('references' in about)) continue
    const { name, letter } = dimensions.find(({ name }) => name === about.references)!
    const number = String(row[column]).slice(1)
    const known = Number(number) >= 1 && Number(number) <= world.counts[name]
    if (row[column] !== `${letter}${number.padStart(world.ids[name], '0')}` || !/^\d+$/.test(number) || !known)
      return `${column} is not a ${name} of this world: ${row[column]}`
  }
  return undefined
}

const INT_MAX = 2 ** 31

const cells: Record<ColumnType, (value: unknown) => string | number | undefined> = {
  string: (value) => (typeof value === 'string' && value !== '' ? value : undefined),
  int: (value) => (Number.isInteger(value) && Math.abs(value as number) < INT_MAX ? (value as number) : undefined),
  money: (value) => (typeof value === 'string' && /^\d{1,8}\.\d\d$/.test(value) ? value : undefined),
  timestamp: (value) => {
    const second = typeof value === 'string' && value.length === 20 ? parseSecond(value) : undefined
    return second === undefined ? undefined : second * 1_000_000
  },
}

const expected: Record<ColumnType, string> = {
  string: 'text',
  int: 'a whole number',
  money: "text like '12.50'",
  timestamp: "text like '2024-01-31T23:59:59Z'",
}

/** What is stored of a message that is not a valid event. */
export const deadRow = (
  subscription: string,
  { messageId, data, attributes }: Delivery,
  reason: string,
): AppendRow => ({
  received_at: Date.now() * 1000,
  subscription,
  message_id: messageId,
  reason,
  attributes: JSON.stringify(attributes),
  data: Buffer.from(data).toString('base64'),
})
