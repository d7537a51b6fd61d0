import { type FactName, factColumns, tables } from '../tables/index.ts'
import { weightsOf } from './checksum.ts'
import type { Integer, integersOf } from './integers.ts'

/** Selects integers of a row; the others count as nothing. */
export type Take = (of: { column: string; integer: Integer }) => boolean

/** An integer of a row, its place among all of them, and its weight in the fingerprint. */
export interface Weighed {
  i: number
  column: string
  integer: Integer
  weight: number
  /** Part of an instant: its seconds, or the microseconds within them, whose weight is 1. */
  ofInstant: boolean
}

const MICROS_PER_SECOND = 1_000_000
const SCALE = 2 ** 20

/**
 * The fingerprint of a row is the sum of its integers, each times a weight: one number below 2^53, which doubles hold
 * exactly. Weights are as large as the values of a column allow, so that a change of several cells cancels out with a
 * chance of about one in 2^50; a change of one cell never does. An instant counts as its microseconds, because databases
 * have these at hand.
 *
 * Its remainders mod 2^31 − 1 and mod 2^31 are the two sides of a row, and the checksum of rows adds their squares. The
 * squares show what a plain sum would not: a value that moved from one row to another.
 */
export function weighed(table: FactName, integers: ReturnType<typeof integersOf>, take: Take): Weighed[] {
  const instants = new Set(
    factColumns(tables[table], 'extended')
      .filter(([, { kind }]) => kind === 'instant')
      .map(([name]) => name),
  )
  const taken = integers.map((of, i) => ({ ...of, i, ofInstant: instants.has(of.column) })).filter(take)
  const weightOfInstant = ({ integer: { js } }: (typeof taken)[number]) => (js.row ? MICROS_PER_SECOND : 1)
  const ofInstants = taken
    .filter(({ ofInstant }) => ofInstant)
    .reduce((sum, each) => sum + each.integer.most * weightOfInstant(each), 0)
  const others = taken.filter(({ ofInstant }) => !ofInstant).length
  // What instants leave, in equal shares.
  const share = (Number.MAX_SAFE_INTEGER - ofInstants) / Math.max(1, others)
  const result = taken.map((each) => {
    const most = share / (each.integer.most + 1)
    const drawn = Math.floor(most * (0.5 + weightsOf(each.i, 0) / (2 * SCALE)))
    return { ...each, weight: each.ofInstant ? weightOfInstant(each) : drawn - 1 + (drawn % 2) }
  })
  const most = result.reduce((sum, { integer, weight }) => sum + integer.most * weight, 0)
  if (most >= Number.MAX_SAFE_INTEGER || result.some(({ weight }) => weight < 1))
    throw new Error(`a row of ${table} weighs too much to be exact: ${most}`)
  return result
}
