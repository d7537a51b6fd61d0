import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { ThriftWriter } from './thrift.ts'

const hexOf = (fill: (t: ThriftWriter) => void) => {
  const t = new ThriftWriter()
  t.structElement(() => fill(t))
  return t.finish().toString('hex')
}

// By the letter of the compact protocol: field delta and type, zigzag varints, a zero to end.
test.each<[string, (t: ThriftWriter) => void, string]>([
  ['nothing', () => {}, '00'],
  ['1 in field 1', (t) => t.i32(1, 1), '150200'],
  ['-1 in field 1', (t) => t.i32(1, -1), '150100'],
  ['300 in field 2', (t) => t.i64(2, 300), '26d80400'],
  ['a field far away', (t) => t.i32(1, 0).i32(20, 0), '1500' + '0528' + '0000'],
  ['yes and no', (t) => t.bool(1, true).bool(2, false), '111200'],
  ['a text', (t) => t.binary(4, 'abc'), '4803616263' + '00'],
  ['a struct in a struct', (t) => t.struct(3, () => t.i32(1, 5)).i32(4, 6), '3c150a00' + '150c00'],
  ['a short list', (t) => t.list(1, 'i32', 2).intElement(1).intElement(-2), '192502' + '0300'],
  [
    'a long list',
    (t) => {
      t.list(1, 'i32', 15)
      for (let i = 0; i < 15; i++) t.intElement(0)
    },
    `19f50f${'00'.repeat(15)}00`,
  ],
])('%s is written as the protocol says', (_, fill, bytes) => expect(hexOf(fill)).toBe(bytes))

test('numbers up to 2^53 keep their value', () => {
  fc.assert(
    fc.property(fc.maxSafeInteger(), (value) => {
      fc.pre(Math.abs(value) <= 2 ** 52)
      const bytes = Buffer.from(
        hexOf((t) => t.i64(1, value)),
        'hex',
      )
      let [read, scale] = [0n, 1n]
      for (const byte of bytes.subarray(1, -1)) {
        read += BigInt(byte & 127) * scale
        scale *= 128n
      }
      expect(Number(read & 1n ? -(read + 1n) / 2n : read / 2n)).toBe(value)
    }),
  )
})

test('a writer that is used again starts empty, also after more than it had room for', () => {
  const t = new ThriftWriter()
  const large = 'x'.repeat(10_000)
  const write = () => {
    t.structElement(() => t.binary(1, large).i32(2, 7))
    return t.finish()
  }
  const first = write()
  expect(first.length).toBe(1 + 2 + 10_000 + 2 + 1)
  expect(write().equals(first)).toBe(true)
})
