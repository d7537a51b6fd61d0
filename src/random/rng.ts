/** The purpose of a keyed stream. The number is part of the key, so these values never change. */
export const Stream = {
  product: 1,
  store: 2,
  promotion: 3,
  weather: 4,
  step: 5,
  assortment: 6,
  taste: 7,
  storeDay: 8,
  complement: 9,
  supplier: 10,
  name: 11,
  opening: 12,
  shrink: 13,
  review: 14,
  brand: 15,
  sale: 16,
  price: 17,
  incident: 18,
  customer: 19,
  visitor: 20,
} as const

/** murmur3's finalizer: a bijection of 32-bit words in which every input bit affects every output bit. */
export function scramble(h: number): number {
  h ^= h >>> 16
  h = Math.imul(h, 0x85ebca6b)
  h ^= h >>> 13
  h = Math.imul(h, 0xc2b2ae35)
  return (h ^ (h >>> 16)) | 0
}

/** Rounds that sfc32 needs to mix a key of four words (its author recommends 15 for a full key). */
export const SEED_ROUNDS = 15

/**
 * sfc32: 128 bits of state, about 1 ns per draw. The key fills all 128 bits one to one, so two keys never share a
 * state; with 32 bits, a million store-hours would overlap. The simulator's hot loop keeps these four words in locals
 * instead.
 */
export class Rng {
  a: number
  b: number
  c: number
  d: number

  constructor(seed: number, stream: number, x: number, y: number) {
    this.a = scramble(seed ^ 0x9e3779b9)
    this.b = scramble(x ^ 0x2545f491)
    this.c = scramble(y ^ 0x6c078965)
    this.d = scramble(stream)
    for (let i = 0; i < SEED_ROUNDS; i++) this.u32()
  }

  /** 0 … 2^32 − 1 */
  u32(): number {
    const t = (((this.a + this.b) | 0) + this.d) | 0
    this.d = (this.d + 1) | 0
    this.a = this.b ^ (this.b >>> 9)
    this.b = (this.c + (this.c << 3)) | 0
    this.c = (this.c << 21) | (this.c >>> 11)
    this.c = (this.c + t) | 0
    return t >>> 0
  }

  /** (0, 1), both ends excluded. */
  unit(): number {
    return (this.u32() + 0.5) / 4_294_967_296
  }

  /** 0 … n − 1 */
  below(n: number): number {
    return Math.floor(((this.u32() + 0.5) * n) / 4_294_967_296)
  }

  /** Approximately normal with mean 0 and deviation 1: the sum of twelve uniforms, which needs no logarithm. */
  normal(): number {
    let sum = -6
    for (let i = 0; i < 12; i++) sum += this.unit()
    return sum
  }
}

/** A stream that depends only on seed and key, never on earlier draws. */
export const keyedRng = (seed: number, stream: number, x: number, y = 0): Rng => new Rng(seed, stream, x, y)
