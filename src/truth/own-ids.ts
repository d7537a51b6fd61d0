import type { Dialect } from '../ports/index.ts'
import { type FactName, keyOf, tables } from '../tables/index.ts'
import type { World } from '../world/world.ts'

type Shape = Pick<World, 'ids' | 'counts'>

/** The parts of an id, by their positions in it: `T240131-0412-000123`. */
interface IdForm {
  pattern: string
  /** The digits of the store number, and the position of the first one, counted from 1. */
  store: { at: number; digits: number; least: string; most: string }
  /** The position of the number. Everything before it identifies table, day, and store. */
  numberAt: number
}

function formOf(table: FactName, { ids, counts }: Shape): IdForm {
  const letter = letterOf(table)
  const digits = ids.store
  const at = 9
  return {
    pattern: `^${letter}[0-9]{6}-[0-9]{${digits}}-[0-9]{${ids.number}}$`,
    store: {
      ...{ at, digits, least: '1'.padStart(digits, '0') },
      most: String(counts.store).padStart(digits, '0'),
    },
    numberAt: at + digits + 1,
  }
}

export function letterOf(table: FactName): string {
  for (const column of Object.values(tables[table].columns)) if (column.kind === 'rowId') return column.letter
  throw new Error(`${table} has no ids`)
}

/**
 * The index of the store of an id; undefined if the id, with the day of its event (yymmdd), cannot be of this world.
 * `anyDay`: clocks of stores may be wrong, so the day is not compared.
 */
export function ownIdCheck(
  table: FactName,
  world: Shape,
  anyDay = false,
): (id: string, day: string) => number | undefined {
  const { pattern, store } = formOf(table, world)
  const form = new RegExp(pattern)
  return (id, day) => {
    if (!form.test(id) || (!anyDay && id.slice(1, 7) !== day)) return undefined
    const number = id.slice(store.at - 1, store.at - 1 + store.digits)
    return number >= store.least && number <= store.most ? Number(number) - 1 : undefined
  }
}

/** The same as an SQL condition. It reads the id and the timestamp, no other column. */
export function ownIdCondition(table: FactName, world: Shape, dialect: Dialect, anyDay = false): string {
  const { pattern, store } = formOf(table, world)
  const id = keyOf(tables[table])
  const time = dialect.text(dialect.column('timestamp'), 'timestamp')
  const day = [3, 6, 9].map((at) => `SUBSTR(${time}, ${at}, 2)`).join(', ')
  const number = `SUBSTR(${id}, ${store.at}, ${store.digits})`
  return [
    dialect.matches(id, pattern),
    ...(anyDay ? [] : [`SUBSTR(${id}, 2, 6) = CONCAT(${day})`]),
    `${number} BETWEEN '${store.least}' AND '${store.most}'`,
  ].join(' AND ')
}

/** The number of the store of an id of this world, from 1. */
export function storeNumber(id: string, table: FactName, world: Shape, { integer }: Dialect): string {
  const { store } = formOf(table, world)
  return integer(`SUBSTR(${id}, ${store.at}, ${store.digits})`)
}

/** Numbers are dense from 1 within a store and day, so no id is missing before one whose number is its rank. */
export function denseCondition(id: string, table: FactName, world: Shape, { integer }: Dialect): string {
  const { numberAt } = formOf(table, world)
  const prefix = `SUBSTR(${id}, 1, ${numberAt - 1})`
  return `${integer(`SUBSTR(${id}, ${numberAt})`)} = ROW_NUMBER() OVER (PARTITION BY own, ${prefix} ORDER BY ${id})`
}
