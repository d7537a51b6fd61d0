import { memberId, storeId } from '../../encode/facts.ts'
import { compactDay } from '../../encode/ids.ts'
import { foreignTo } from '../../ports/damage.ts'
import type { AppendRow, Delivery } from '../../ports/index.ts'
import { type ColumnType, columnsOf, type FactName, factColumns, keyOf, tables } from '../../tables/index.ts'
import { parseSecond, SECONDS_PER_DAY } from '../../time.ts'
import { ownIdCheck } from '../../truth/own-ids.ts'
import type { World } from '../../world/world.ts'

type Shape = Pick<World, 'id' | 'schema' | 'ids' | 'counts'>

/** A message as a row of its table, or the reason why it is invalid. */
export type RowReader = (message: Pick<Delivery, 'data' | 'attributes'>) => AppendRow | string

/**
 * Strict: a row that the table would reject must not block the valid ones beside it. `anyDay`: clocks of stores may be
 * wrong.
 */
export function rowReader(table: FactName, world: Shape, anyDay = false): RowReader {
  const columns = columnsOf(tables[table], world.schema)
  const whyForeign = foreignRows(table, world, anyDay)
  const decoder = new TextDecoder('utf-8', { fatal: true })
  return ({ data, attributes }) => {
    if (attributes.world === undefined) return 'it does not say which world it belongs to: it has no attribute world'
    if (attributes.world !== world.id) return foreignTo(attributes.world).why
    if (attributes.table !== undefined && attributes.table !== table) return `it belongs to ${attributes.table}`
    let said: unknown
    try {
      said = JSON.parse(decoder.decode(data))
    } catch {
      // Only bytes in memory are parsed.
      return 'it is not JSON'
    }
    if (typeof said !== 'object' || said === null || Array.isArray(said)) return 'it is not a JSON object'
    const row: AppendRow = {}
    for (const [name, { type, optional }] of columns) {
      const value = Object.hasOwn(said, name) ? (said as Record<string, unknown>)[name] : undefined
      if (value === undefined) return `it has no ${name}`
      if (value === null && optional) {
        row[name] = null
        continue
      }
      const cell = cells[type](value)
      if (cell === undefined) return `${name} is not ${expected[type]}`
      row[name] = cell
    }
    for (const key in said) if (!Object.hasOwn(row, key)) return `it has an unknown column, ${key}`
    return whyForeign(row) ?? row
  }
}

/** Why a row cannot be of this world; undefined if it can. */
function foreignRows(table: FactName, world: Shape, anyDay: boolean): (row: AppendRow) => string | undefined {
  const key = keyOf(tables[table])
  const storeOf = ownIdCheck(table, world, anyDay)
  const members = factColumns(tables[table], world.schema).flatMap(([column, { kind, ...about }]) =>
    (kind === 'member' || kind === 'optionalMember') && 'references' in about
      ? [{ column, dimension: about.references }]
      : [],
  )
  return (row) => {
    const id = String(row[key])
    const day = compactDay(Math.floor(Number(row.timestamp) / 1_000_000 / SECONDS_PER_DAY))
    const store = storeOf(id, day)
    if (store === undefined) return `${key} is not an id that this world has: ${id}`
    if (row.store_id !== storeId(world, store))
      return `store_id is ${row.store_id}, but ${id} belongs to ${storeId(world, store)}`
    for (const { column, dimension } of members) {
      if (row[column] === null) continue
      const text = String(row[column])
      const member = Number(text.slice(1)) - 1
      const known = Number.isInteger(member) && member >= 0 && member < world.counts[dimension]
      if (!known || text !== memberId(dimension, world, member))
        return `${column} is not a ${dimension} of this world: ${text}`
    }
    return undefined
  }
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
