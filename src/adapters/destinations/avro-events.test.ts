import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { anyShop, rowsOfDays, shopWorld } from '../../../test/worlds.ts'
import { eventsOf } from '../../encode/events.ts'
import { avroSchema } from '../../tables/emit.ts'
import { facts } from '../../tables/index.ts'
import { avroEncoder } from './avro-events.ts'

type Field = ReturnType<typeof avroSchema>['fields'][number]

/** A record as the specification of Avro says it, by hand, in the form of JSON events. */
function decoded(bytes: Buffer, fields: readonly Field[]): [row: Record<string, unknown>, end: number] {
  let at = 0
  const long = (): bigint => {
    let [value, shift] = [0n, 0n]
    for (; ; shift += 7n) {
      const byte = BigInt(bytes[at++])
      value |= (byte & 0x7fn) << shift
      if (byte < 0x80n) return (value >> 1n) ^ -(value & 1n)
    }
  }
  const block = (): Buffer => {
    const length = Number(long())
    at += length
    return bytes.subarray(at - length, at)
  }
  const read = (type: Field['type']): unknown => {
    if (Array.isArray(type)) return long() === 0n ? null : read(type[1] as Field['type'])
    if (type === 'string') return block().toString()
    if (type === 'int') return Number(long())
    if ('scale' in (type as object)) {
      const cents = BigInt.asIntN(
        64,
        block().reduce((sum, byte, i) => (i === 0 ? BigInt((byte << 24) >> 24) : sum * 256n + BigInt(byte)), 0n),
      )
      return (Number(cents) / 100).toFixed(2)
    }
    return new Date(Number(long())).toISOString().replace('.000Z', 'Z')
  }
  const row = Object.fromEntries(fields.map(({ name, type }) => [name, read(type)]))
  return [row, at]
}

test('an event of any shop has the same values as Avro, behind the id of its schema', () => {
  fc.assert(
    fc.property(anyShop, fc.nat(2 ** 31 - 1), (shop, id) => {
      const world = shopWorld(shop)
      const batch = rowsOfDays(world, 1, world.blocks.slice(0, 1))
      for (const fact of facts) {
        const encode = avroEncoder(fact.name, world.schema, id)
        for (const { data } of eventsOf(world, fact.name, batch)) {
          const message = encode(Buffer.from(data))
          expect([message[0], message.readInt32BE(1)]).toEqual([0, id])
          const [row, end] = decoded(message.subarray(5), avroSchema(fact, world.schema).fields)
          expect(row).toEqual(JSON.parse(String(data)))
          expect(5 + end).toBe(message.length)
        }
      }
    }),
    { numRuns: 10 },
  )
})

test('any amount of money is the shortest decimal that holds it', () => {
  const encode = avroEncoder('transactions', 'strict', 1)
  const { fields } = avroSchema(facts[0], 'strict')
  fc.assert(
    fc.property(
      fc.oneof(fc.integer({ min: -(10 ** 10) + 1, max: 10 ** 10 - 1 }), fc.integer({ min: -300, max: 300 })),
      (cents) => {
        const sign = cents < 0 ? '-' : ''
        const digits = String(Math.abs(cents)).padStart(3, '0')
        const unit_price = `${sign}${digits.slice(0, -2)}.${digits.slice(-2)}`
        const event = {
          transaction_id: 'T',
          product_id: 'P',
          timestamp: '2024-01-01T00:00:00Z',
          quantity: 1,
          unit_price,
          store_id: 'S',
        }
        const message = encode(Buffer.from(JSON.stringify(event)))
        expect(decoded(message.subarray(5), fields)[0]).toEqual(event)
        const shortest = Math.ceil(
          (BigInt(cents < 0 ? -cents - 1 : cents)
            .toString(2)
            .replace(/^0$/, '').length +
            1) /
            8,
        )
        expect(message.length).toBe(5 + 2 + 2 + 6 + 1 + 1 + shortest + 2)
      },
    ),
  )
})
