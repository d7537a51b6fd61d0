import type { Rng } from '../random/rng.ts'
import * as c from './calibration.ts'
import type { Products } from './products.ts'
import { TYPES } from './types/product-types.ts'

/** Complements of each carried product. */
export const COMPLEMENTS = 8

/** Positions [from, to) of a type's products in the assortment, their demand, and their part of all demand. */
interface Place {
  from: number
  to: number
  demand: number
  share: number
}

/**
 * Eight complements of each carried product, as positions: [i × 8 + k]. First those of the types that go with its own,
 * as many as make a pair of types COMPLEMENT_LIFT times as frequent in a visit as chance does; then some of its own
 * type, if people buy several of it; then anything.
 */
export function complementsOf(
  rng: Rng,
  products: Products,
  { products: chosen, demand }: { products: Int32Array; demand: Float64Array },
): Uint16Array {
  const carried = chosen.length
  const places = placesOf(products, chosen, demand)
  const complements = new Uint16Array(carried * COMPLEMENTS)
  const filled = new Uint8Array(carried)
  TYPES.forEach(({ complements: partners }, type) => {
    const own = places[type]
    if (own.share === 0) return
    const order = Array.from({ length: own.to - own.from }, (_, i) => own.from + i).sort(
      (a, b) => demand[b] - demand[a] || a - b,
    )
    for (const partner of partners) {
      if (places[partner].share > 0) place(order, places[partner])
    }
  })

  /** Gives the products of one type complements of another: the popular ones first, so that the rest evens out. */
  function place(order: readonly number[], partner: Place): void {
    const wanted = COMPLEMENTS * (c.COMPLEMENT_LIFT - 1) * partner.share * NEIGHBORS
    let owed = 0
    for (const i of order) {
      owed += wanted * demand[i]
      // At random up or down, so that a part of one has its chance.
      const due = Math.floor(owed / demand[i] + rng.unit())
      const count = Math.min(c.COMPLEMENTS_PLANNED - filled[i], c.COMPLEMENTS_OF_PAIR, due)
      if (!(count > 0)) continue
      owed -= count * demand[i]
      for (let k = 0; k < count; k++) complements[i * COMPLEMENTS + filled[i]++] = drawn(demand, partner, rng.unit())
    }
  }

  for (let i = 0; i < carried; i++) {
    const { quantity } = TYPES[products.type[chosen[i]]]
    const { from, to } = places[products.type[chosen[i]]]
    const alike = quantity === 'one' ? 0 : c.COMPLEMENTS_ALIKE
    for (let k = 0; filled[i] < COMPLEMENTS; k++)
      complements[i * COMPLEMENTS + filled[i]++] = k < alike ? from + rng.below(to - from) : rng.below(carried)
  }
  return complements
}

/**
 * Draws of complements that make two types meet once more than by chance. Two lines meet in a visit of any length, only
 * neighbors are drawn as complements: 1.5 of each other, with visits of two lines on average.
 */
const NEIGHBORS = (1.5 * 32) / c.COMPLEMENT_OF_32

/** Products are sorted by type. */
function placesOf(products: Products, chosen: Int32Array, demand: Float64Array): Place[] {
  const places = TYPES.map((): Place => ({ from: 0, to: 0, demand: 0, share: 0 }))
  let total = 0
  for (let i = 0; i < chosen.length; i++) total += demand[i]
  for (let i = 0; i < chosen.length; i++) {
    const place = places[products.type[chosen[i]]]
    if (place.to === 0) place.from = i
    place.to = i + 1
    place.demand += demand[i]
  }
  for (const place of places) place.share = place.demand / total
  return places
}

/** The product of the place at which the running sum of demand passes a part `u` of it. */
function drawn(demand: Float64Array, place: Place, u: number): number {
  let left = u * place.demand
  for (let i = place.from; i < place.to - 1; i++) {
    left -= demand[i]
    if (left < 0) return i
  }
  return place.to - 1
}
