/** Where a customer ends up who looks for a product that is not on sale, or that a store has run out of. */
export interface OnSale {
  /** Complements of each carried product that are on sale (Cluster). */
  complements: Uint16Array
  /** The next product on the shelf that is on sale. */
  neighbors: Uint16Array
}

/**
 * Products that are not on sale this week, which have no share of its lines, give their places to the next on the shelf: mostly
 * one of their type. `complements`: of the cluster, whatever is on sale.
 */
export function onSale(share: Float64Array, complements: Uint16Array): OnSale {
  const carried = share.length
  const neighbors = new Uint16Array(carried)
  let next = -1
  for (let i = carried - 1; i >= 0; i--) {
    neighbors[i] = next < 0 ? carried : next
    if (share[i] > 0) next = i
  }
  // Behind the last, the shelf continues with those before.
  let before = next
  for (let i = 0; i < carried; i++) {
    if (neighbors[i] === carried) neighbors[i] = before
    if (share[i] > 0) before = i
  }
  return { neighbors, complements: complements.map((i) => (share[i] > 0 ? i : neighbors[i])) }
}
