import type { FactName } from '../tables/index.ts'
import type { World } from '../world/world.ts'
import { MODULUS, type Sums, weightsOf } from './checksum.ts'
import { type Take, weighed } from './fingerprint.ts'
import { type Integer, integersOf, type Keep } from './integers.ts'

/** Adds the rows [row, end) of a span to sums; the first row has that number. */
export type SumRows = (
  cells: object,
  row: number,
  end: number,
  number: number,
  day: number,
  store: number,
  midnight: number,
  sums: Sums,
) => void

/**
 * Generated, so that weights are constants and the shared part of a span is weighted once. A row is a sum of products on
 * each side, folded and squared: p = 2^16 h + l, so p² = 2^32 h² + 2^17 hl + l², where 2^32 is 2 mod 2^31 − 1.
 */
export function sumRowsOf(world: World, table: FactName): SumRows {
  let known = sumsOfWorlds.get(world)
  if (!known) sumsOfWorlds.set(world, (known = new Map()))
  let sum = known.get(table)
  if (!sum) known.set(table, (sum = generated(world, table)))
  return sum
}

/** Generated once per world and thread: a function generated for each block would start cold in each. */
const sumsOfWorlds = new WeakMap<World, Map<FactName, SumRows>>()

/** The sums of the fingerprints of rows, of some of their integers. */
export function sumSomeRows(world: World, table: FactName, take: Take): SumRows {
  const { kept, cells, values, fingerprint } = piecesOf(world, table, take)
  return compiled(
    kept,
    `return ({ ${cells.join(', ')} }, row, end, number, day, store, midnight, sums) => {
  const c = ${fingerprint.span}
  let a = 0, b = 0
  sums.rows += end - row
  for (; row < end; row++, number++) {
    ${values.join('\n    ')}
${fingerprint.sides}
    {
${addSquare('p', 'a')}
    }
    {
${addSquare('q', 'b')}
    }
  }
  sums.a += a
  sums.b += b
}`,
  )
}

/** Writes the two sides of the fingerprint of each row, not squared, to `a` and `b` from `at` on. */
export type HashRows = (
  cells: object,
  row: number,
  end: number,
  number: number,
  day: number,
  store: number,
  midnight: number,
  a: Int32Array,
  b: Int32Array,
  at: number,
) => void

/** Together, the two sides are the fingerprint. */
export function hashSomeRows(world: World, table: FactName, take: Take): HashRows {
  const { kept, cells, values, fingerprint } = piecesOf(world, table, take)
  return compiled(
    kept,
    `return ({ ${cells.join(', ')} }, row, end, number, day, store, midnight, a, b, at) => {
  const c = ${fingerprint.span}
  for (; row < end; row++, number++, at++) {
    ${values.join('\n    ')}
${fingerprint.sides}
    a[at] = p
    b[at] = q
  }
}`,
  )
}

/** The integers of one row. */
export type RowValues = (
  cells: object,
  row: number,
  number: number,
  day: number,
  store: number,
  midnight: number,
) => number[]

export function valuesOfRow(world: World, table: FactName, take: Take): RowValues {
  const { kept, cells, values, totals } = piecesOf(world, table, take)
  return compiled(
    kept,
    `return ({ ${cells.join(', ')} }, row, number, day, store, midnight) => {
  ${values.join('\n  ')}
  return [${totals.join(', ')}]
}`,
  )
}

const compiled = <F>(kept: Record<string, unknown>, source: string): F =>
  new Function(...Object.keys(kept), source)(...Object.values(kept))

/** Generated code keeps values by name. */
function keeper(): { kept: Record<string, unknown>; keep: Keep } {
  const kept: Record<string, unknown> = {}
  const keep: Keep = (value) => {
    const name = `t${Object.keys(kept).length}`
    kept[name] = value
    return name
  }
  return { kept, keep }
}

interface Weighted {
  i: number
  integer: Integer
}
const valuesIn = (integers: readonly Weighted[]): string[] =>
  integers.flatMap(({ i, integer: { js } }) => (js.row ? [`const v${i} = ${js.row}`] : []))
const cellsIn = (values: readonly string[]): string[] => [
  ...new Set([...values.join().matchAll(/(\w+)\[row\]/g)].map(([, name]) => name)),
]
/** The sum of what the rows of a span share, or of what is a row's own, each times its weight. */
const weightedSum = <W extends Weighted>(
  integers: readonly W[],
  what: 'span' | 'row',
  weightOf: (of: W) => number,
): string =>
  integers
    .flatMap((of) =>
      of.integer.js[what] ? [`${what === 'row' ? `v${of.i}` : of.integer.js.span} * ${weightOf(of)}`] : [],
    )
    .join(' + ') || '0'

/** The square of a number below 2^31, mod 2^31 − 1, is added to a sum. */
const addSquare = (
  p: string,
  sum: string,
): string => `      const h = Math.floor(${p} * ${2 ** -16}), l = ${p} - h * 65536
      const y = 2 * h * h + h * l * 131072 + l * l
      const g = Math.floor(y * ${2 ** -31})
      const z = g + (y - g * 2147483648)
      ${sum} += z >= ${MODULUS} ? z - ${MODULUS} : z`

/** The parts of generated code: what it keeps, the cells it reads, the integers, and the fingerprint of a row. */
function piecesOf(world: World, table: FactName, take: Take) {
  const { kept, keep } = keeper()
  const integers = weighed(table, integersOf(table, world.schema, world.ids, world, keep), take)
  const values = valuesIn(integers)
  const sum = (what: 'span' | 'row') => weightedSum(integers, what, ({ weight }) => weight)
  const totals = integers.map(
    ({ i, integer: { js } }) => [js.span, js.row && `v${i}`].filter(Boolean).join(' + ') || '0',
  )
  const sides = `    const x = c + ${sum('row')}
    const f = Math.floor(x * ${2 ** -31})
    const q = x - f * 2147483648
    const r = f + q
    const p = r >= ${MODULUS} ? r - ${MODULUS} : r`
  return { kept, cells: cellsIn(values), values, totals, fingerprint: { span: sum('span'), sides } }
}

function generated(world: World, table: FactName): SumRows {
  const { kept, keep } = keeper()
  const integers = integersOf(table, world.schema, world.ids, world, keep).map((of, i) => ({ ...of, i }))
  const values = valuesIn(integers)
  const sum = (what: 'span' | 'row', side: 0 | 1) => weightedSum(integers, what, ({ i }) => weightsOf(i, side))
  const side = (side: 0 | 1, total: string) => `    {
      const x = c${side} + ${sum('row', side)}
      const f = Math.floor(x * ${2 ** -31})
      const p = f + (x - f * 2147483648)
${addSquare('p', total)}
    }`
  return compiled(
    kept,
    `return ({ ${cellsIn(values).join(', ')} }, row, end, number, day, store, midnight, sums) => {
  const c0 = ${sum('span', 0)}
  const c1 = ${sum('span', 1)}
  let a = 0, b = 0
  sums.rows += end - row
  for (; row < end; row++, number++) {
    ${values.join('\n    ')}
${side(0, 'a')}
${side(1, 'b')}
  }
  sums.a += a
  sums.b += b
}`,
  )
}
