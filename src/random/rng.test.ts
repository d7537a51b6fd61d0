import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { fakerFrom } from './faker.ts'
import { keyedRng, type Rng, Stream, scramble } from './rng.ts'

const take = (rng: Rng, n: number) => Array.from({ length: n }, () => rng.u32())
const word = fc.nat(4_294_967_295)

/** χ² of counts against equal shares; with k bins its mean is k − 1 and its deviation about √(2k). */
function chiSquare(counts: readonly number[]): number {
  const mean = counts.reduce((a, b) => a + b, 0) / counts.length
  return counts.reduce((sum, count) => sum + (count - mean) ** 2 / mean, 0)
}

describe('a keyed stream', () => {
  test('is the same whatever was drawn elsewhere before and in between', () => {
    fc.assert(
      fc.property(word, word, word, fc.nat(20), (seed, x, y, others) => {
        const alone = take(keyedRng(seed, Stream.step, x, y), 8)
        const [one, other] = [keyedRng(seed, Stream.step, x, y), keyedRng(seed, Stream.step, x, y + 1)]
        take(other, others)
        const mixed = alone.map(() => [one.u32(), other.u32()][0])
        expect(mixed).toEqual(alone)
      }),
    )
  })

  test('differs with seed, purpose and both parts of its key', () => {
    const key = [42, Stream.step, 7, 9] as const
    const first = take(keyedRng(...key), 4)
    for (let i = 0; i < 4; i++) {
      const [seed, stream, x, y] = key.map((value, k) => (k === i ? value + 1 : value))
      expect(take(keyedRng(seed, stream, x, y), 4)).not.toEqual(first)
    }
    expect(new Set(Object.values(Stream)).size).toBe(Object.keys(Stream).length)
  })

  test('of each of 100,000 store-hours begins in a state of its own', () => {
    const states = new Set<string>()
    for (let store = 0; store < 100; store++) {
      for (let hour = 0; hour < 1000; hour++) {
        const { a, b, c, d } = keyedRng(42, Stream.step, store, 473_352 + hour)
        states.add(`${a},${b},${c},${d}`)
      }
    }
    expect(states.size).toBe(100_000)
  })

  test('is even: neighbours of one key and of neighbouring keys fill 256 bins alike', () => {
    const counts = Array.from({ length: 256 }, () => 0)
    for (let key = 0; key < 4096; key++) counts[keyedRng(42, Stream.step, key & 63, key >> 6).u32() >>> 24]++
    expect(chiSquare(counts)).toBeLessThan(255 + 5 * Math.sqrt(510))
    const rng = keyedRng(42, Stream.step, 1, 2)
    const low = Array.from({ length: 256 }, () => 0)
    for (let i = 0; i < 100_000; i++) low[rng.u32() & 255]++
    expect(chiSquare(low)).toBeLessThan(255 + 5 * Math.sqrt(510))
  })

  test('gives units between 0 and 1, counts below n, and normals of mean 0 and deviation 1', () => {
    const rng = keyedRng(7, Stream.store, 1, 1)
    const dice = Array.from({ length: 6 }, () => 0)
    let [sum, squares] = [0, 0]
    for (let i = 0; i < 20_000; i++) {
      const unit = rng.unit()
      if (!(unit > 0 && unit < 1)) throw new RangeError(`unit ${unit}`)
      dice[rng.below(6)]++
      const normal = rng.normal()
      sum += normal
      squares += normal * normal
    }
    expect(dice).toHaveLength(6)
    expect(chiSquare(dice)).toBeLessThan(5 + 5 * Math.sqrt(10))
    expect(Math.abs(sum / 20_000)).toBeLessThan(0.05)
    expect(Math.abs(squares / 20_000 - 1)).toBeLessThan(0.05)
  })
})

test('scramble maps 100,000 words to as many words', () => {
  expect(new Set(Array.from({ length: 100_000 }, (_, i) => scramble(i * 40_503))).size).toBe(100_000)
})

test('Faker says the same for the same key and takes nothing from anywhere else', () => {
  const name = (key: number) => fakerFrom(keyedRng(42, Stream.name, key)).person.fullName()
  const names = Array.from({ length: 20 }, (_, key) => name(key))
  fakerFrom(keyedRng(1, Stream.name, 1)).person.fullName()
  expect(Array.from({ length: 20 }, (_, key) => name(key))).toEqual(names)
  expect(new Set(names).size).toBeGreaterThan(15)
})
