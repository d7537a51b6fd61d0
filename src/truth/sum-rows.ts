import type { FactName } from '../tables/index.ts'
import type { World } from '../world/world.ts'
import { MODULUS, type Sums, weightsOf } from './checksum.ts'
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

/** Selects integers of a row; the others count as nothing. */
export type Take = (of: { column: string; integer: Integer }) => boolean

/** The sums of some of a row's integers. */
export const sumSomeRows = (world: World, table: FactName, take: Take): SumRows => generated(world, table, take)

/** Writes the two sides of each row, not squared, to `a` and `b` from `at` on. */
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

/** The two sides of a row as numbers below 2^31; rows with the same ones are the same, but for one chance in 2^62. */
export function hashSomeRows(world: World, table: FactName, take: Take): HashRows {
  const { kept, cells, c0, c1, values, folded } = pieces(world, table, take)
  const side = (side: 0 | 1, out: string) => `    {
${folded(side)}
      ${out}[at] = p >= ${MODULUS} ? p - ${MODULUS} : p
    }`
  const source = `return ({ ${cells.join(', ')} }, row, end, number, day, store, midnight, a, b, at) => {
  const c0 = ${c0}
  const c1 = ${c1}
  for (; row < end; row++, number++, at++) {
    ${values.join('\n    ')}
${side(0, 'a')}
${side(1, 'b')}
  }
}`
  return compiled(kept, source)
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
  const { kept, cells, values, totals } = pieces(world, table, take)
  const source = `return ({ ${cells.join(', ')} }, row, number, day, store, midnight) => {
  ${values.join('\n  ')}
  return [${totals.join(', ')}]
}`
  return compiled(kept, source)
}

const compiled = <F>(kept: Record<string, unknown>, source: string): F =>
  new Function(...Object.keys(kept), source)(...Object.values(kept))

/** The parts of generated code: what it keeps, the cells it reads, and the weighted integers. */
function pieces(world: World, table: FactName, take: Take) {
  const kept: Record<string, unknown> = {}
  const keep: Keep = (value) => {
    const name = `t${Object.keys(kept).length}`
    kept[name] = value
    return name
  }
  const integers = integersOf(table, world.schema, world.ids, world, keep)
    .map((of, i) => ({ ...of, i }))
    .filter(take)
  const weighed = (what: 'span' | 'row', side: 0 | 1) =>
    integers
      .flatMap(({ i, integer: { js } }) =>
        js[what] ? [`${what === 'row' ? `v${i}` : js.span} * ${weightsOf(i, side)}`] : [],
      )
      .join(' + ') || '0'
  const values = integers.flatMap(({ i, integer: { js } }) => (js.row ? [`const v${i} = ${js.row}`] : []))
  const cells = [...new Set([...values.join().matchAll(/(\w+)\[row\]/g)].map(([, name]) => name))]
  const folded = (side: 0 | 1) => `      const x = c${side} + ${weighed('row', side)}
      const f = Math.floor(x * ${2 ** -31})
      const p = f + (x - f * 2147483648)`
  const totals = integers.map(
    ({ i, integer: { js } }) => [js.span, js.row && `v${i}`].filter(Boolean).join(' + ') || '0',
  )
  return { kept, cells, c0: weighed('span', 0), c1: weighed('span', 1), values, folded, totals }
}

const all: Take = () => true

function generated(world: World, table: FactName, take: Take = all): SumRows {
  const { kept, cells, c0, c1, values, folded } = pieces(world, table, take)
  const side = (side: 0 | 1, sum: string) => `    {
${folded(side)}
      const h = Math.floor(p * ${2 ** -16}), l = p - h * 65536
      const y = 2 * h * h + h * l * 131072 + l * l
      const g = Math.floor(y * ${2 ** -31})
      const z = g + (y - g * 2147483648)
      ${sum} += z >= ${MODULUS} ? z - ${MODULUS} : z
    }`
  const source = `return ({ ${cells.join(', ')} }, row, end, number, day, store, midnight, sums) => {
  const c0 = ${c0}
  const c1 = ${c1}
  let a = 0, b = 0
  sums.rows += end - row
  for (; row < end; row++, number++) {
    ${values.join('\n    ')}
${side(0, 'a')}
${side(1, 'b')}
  }
  sums.a += a
  sums.b += b
}`
  return compiled(kept, source)
}
