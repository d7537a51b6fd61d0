import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { packerFor } from './pack.ts'

/** Code by code, bit by bit, lowest first. */
function packPlainly(codes: readonly number[], width: number): Uint8Array {
  const bytes = new Uint8Array(((codes.length + 7) >> 3) * width)
  codes.forEach((code, i) => {
    for (let b = 0; b < width; b++) if ((code >>> b) & 1) bytes[(i * width + b) >> 3] |= 1 << ((i * width + b) & 7)
  })
  return bytes
}

describe.each(Array.from({ length: 17 }, (_, i) => i + 1))('codes of %i bits', (width) => {
  // The column holds values; the map turns value − offset into the code.
  const map = Uint32Array.from({ length: Math.min(4096, 2 ** width) }, (_, i) => (i * 40_503 + 1) & (2 ** width - 1))

  test('are packed as one by one, from any row, whatever was in the buffer before', () => {
    const values = fc.array(fc.nat(map.length - 1), { minLength: 1, maxLength: 200 })
    fc.assert(
      fc.property(
        values,
        fc.nat(40),
        fc.constantFrom(Int32Array, Uint16Array),
        fc.nat(100),
        (all, skip, Column, offset) => {
          const column = Column.from([...new Array<number>(skip).fill(0), ...all.map((value) => value + offset)])
          const out = new Uint32Array((Math.ceil(all.length / 32) + 1) * width).fill(0xdeadbeef)
          const size = packerFor(width, column)(column, skip, all.length, map, offset, out)
          const expected = packPlainly(
            all.map((value) => map[value]),
            width,
          )
          expect(size).toBe(expected.length)
          expect(Buffer.compare(new Uint8Array(out.buffer, 0, size), expected)).toBe(0)
        },
      ),
      { numRuns: 30 },
    )
  })
})
