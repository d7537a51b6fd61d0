import type { AppendRow, Delivery } from '../../ports/index.ts'
import { type ColumnType, columnsOf, type FactName, tables, type WorldSchema } from '../../tables/index.ts'
import { parseSecond } from '../../time.ts'

/** A message as a row of its table, or why it is none. Strict: what a table would not take must not stop the good ones beside it. */
export function rowOf(
  table: FactName,
  schema: WorldSchema,
  world: string,
  { data, attributes }: Pick<Delivery, 'data' | 'attributes'>,
): AppendRow | string {
  if (attributes.world !== undefined && attributes.world !== world)
    return `it belongs to another world (${attributes.world})`
  if (attributes.table !== undefined && attributes.table !== table) return `it belongs to ${attributes.table}`
  let said: unknown
  try {
    said = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(data))
  } catch {
    return 'it is not JSON'
  }
  if (typeof said !== 'object' || said === null || Array.isArray(said)) return 'it is not a JSON object'
  const columns = columnsOf(tables[table], schema)
  const row: AppendRow = {}
  for (const [name, { type }] of columns) {
    const value = name in said ? (said as Record<string, unknown>)[name] : undefined
    if (value === undefined) return `it has no ${name}`
    const cell = cells[type](value)
    if (cell === undefined) return `${name} is not ${expected[type]}`
    row[name] = cell
  }
  const unknown = Object.keys(said).find((key) => !(key in row))
  return unknown === undefined ? row : `there is no column ${unknown}`
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
  string: 'a text',
  int: 'a whole number',
  money: "a text like '12.50'",
  timestamp: "a text like '2024-01-31T23:59:59Z'",
}

/** What is kept of a message that is no event. */
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
