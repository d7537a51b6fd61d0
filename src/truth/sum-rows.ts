import type { FactName } from '../tables/index.ts'
import type { World } from '../world/world.ts'
import { MODULUS, type Sums, weightsOf } from './checksum.ts'
import { integersOf, type Keep } from './integers.ts'

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

function generated(world: World, table: FactName): SumRows {
  const kept: Record<string, unknown> = {}
  const keep: Keep = (value) => {
    const name = `t${Object.keys(kept).length}`
    kept[name] = value
    return name
  }
  const integers = integersOf(table, world.schema, world.ids, world, keep)
  const weighed = (what: 'span' | 'row', side: 0 | 1) =>
    integers.flatMap(({ integer: { js } }, i) =>
      js[what] ? [`${what === 'row' ? `v${i}` : js.span} * ${weightsOf(i, side)}`] : [],
    )
  const values = integers.flatMap(({ integer: { js } }, i) => (js.row ? [`const v${i} = ${js.row}`] : []))
  const cells = [...new Set([...values.join().matchAll(/(\w+)\[row\]/g)].map(([, name]) => name))]
  const side = (side: 0 | 1, sum: string) => `    {
      const x = c${side} + ${weighed('row', side).join(' + ')}
      const f = Math.floor(x * ${2 ** -31})
      const p = f + (x - f * 2147483648)
      const h = Math.floor(p * ${2 ** -16}), l = p - h * 65536
      const y = 2 * h * h + h * l * 131072 + l * l
      const g = Math.floor(y * ${2 ** -31})
      const z = g + (y - g * 2147483648)
      ${sum} += z >= ${MODULUS} ? z - ${MODULUS} : z
    }`
  const source = `return ({ ${cells.join(', ')} }, row, end, number, day, store, midnight, sums) => {
  const c0 = ${weighed('span', 0).join(' + ')}
  const c1 = ${weighed('span', 1).join(' + ')}
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
  return new Function(...Object.keys(kept), source)(...Object.values(kept))
}
