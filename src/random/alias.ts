/**
 * Vose's alias method, one u32 per bin: the probability of staying in the upper bits, the other bin in the lower
 * `bits`. A draw is one random word `r`: bin = r >>> (32 − bits); the rest of `r` is compared with the probability.
 * O(1), one cache line.
 */
export interface AliasTable {
  bits: number
  bins: Uint32Array
}

/** Number of bits that can number `n` bins. */
export const bitsFor = (n: number): number => Math.max(1, 32 - Math.clz32(Math.max(1, n - 1)))

export function aliasTable(weights: ArrayLike<number>): AliasTable {
  const bits = bitsFor(weights.length)
  const size = 1 << bits
  let total = 0
  for (let i = 0; i < weights.length; i++) total += weights[i]
  if (!(total > 0)) throw new RangeError('an alias table needs a positive weight')

  const scaled = new Float64Array(size)
  for (let i = 0; i < weights.length; i++) scaled[i] = (weights[i] * size) / total
  const stay = new Float64Array(size)
  const other = new Uint32Array(size)
  const small = new Int32Array(size)
  const large = new Int32Array(size)
  let smalls = 0
  let larges = 0
  for (let i = 0; i < size; i++) {
    if (scaled[i] < 1) small[smalls++] = i
    else large[larges++] = i
  }
  while (smalls > 0 && larges > 0) {
    const s = small[--smalls]
    const l = large[--larges]
    stay[s] = scaled[s]
    other[s] = l
    scaled[l] = scaled[l] + scaled[s] - 1
    if (scaled[l] < 1) small[smalls++] = l
    else large[larges++] = l
  }
  while (larges > 0) stay[large[--larges]] = 1
  // Only rounding leaves a small one over; a bin without weight must still never be drawn.
  const heaviest = indexOfMax(weights)
  while (smalls > 0) {
    const s = small[--smalls]
    stay[s] = s < weights.length && weights[s] > 0 ? 1 : 0
    other[s] = heaviest
  }

  const chances = 2 ** (32 - bits)
  const bins = new Uint32Array(size)
  for (let i = 0; i < size; i++) {
    // A full bin has itself as the other one, so a probability that does not fit changes nothing.
    const full = stay[i] >= 1
    const chance = Math.min(chances - 1, Math.floor(stay[i] * chances))
    bins[i] = (chance * size + (full ? i : other[i])) >>> 0
  }
  return { bits, bins }
}

export function drawAlias({ bits, bins }: AliasTable, r: number): number {
  const bin = r >>> (32 - bits)
  const entry = bins[bin]
  return (r & (2 ** (32 - bits) - 1)) >>> 0 < entry >>> bits ? bin : entry & ((1 << bits) - 1)
}

function indexOfMax(weights: ArrayLike<number>): number {
  let best = 0
  for (let i = 1; i < weights.length; i++) if (weights[i] > weights[best]) best = i
  return best
}
