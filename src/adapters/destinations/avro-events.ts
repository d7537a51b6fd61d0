import avro from 'avsc'
import { avroSchema } from '../../tables/emit.ts'
import { type ColumnType, columnsOf, type FactName, tables, type WorldSchema } from '../../tables/index.ts'

/** Magic byte, and the id of the schema. */
const HEAD_BYTES = 5

/** Turns the JSON of an event into the message of a schema registry: a zero, the id of its schema in four bytes, and Avro. */
export type EncodeAvro = (json: Buffer) => Buffer

/**
 * The client has a registry class of its own, which only reads schemas, and asks for that of each header of each
 * message; this uses the encoder behind it.
 */
export function avroEncoder(name: FactName, schema: WorldSchema, id: number): EncodeAvro {
  const type = avro.Type.forSchema(avroSchema(tables[name], schema) as avro.Schema)
  const changed = columnsOf(tables[name], schema).flatMap(([column, { type }]) => {
    const change = VALUES[type]
    return change ? [{ column, change }] : []
  })
  return (json) => {
    const row = JSON.parse(json.toString('latin1')) as Record<string, unknown>
    for (const { column, change } of changed) row[column] = change(row[column] as string)
    // Avro has no names of columns, so it is shorter.
    const message = Buffer.allocUnsafe(HEAD_BYTES + json.length)
    message[0] = 0
    message.writeInt32BE(id, 1)
    const end = type.encode(row, message, HEAD_BYTES)
    if (end < 0) throw new Error(`an event of ${name} is longer as Avro than as JSON`)
    return message.subarray(0, end)
  }
}

/** A value of JSON as Avro takes it, unless it is the same. */
const VALUES: Record<ColumnType, ((value: string) => unknown) | undefined> = {
  string: undefined,
  int: undefined,
  money: decimalBytes,
  timestamp: Date.parse,
}

/** The cents of `56.99` as the shortest two's complement, most significant byte first. */
function decimalBytes(text: string): Buffer {
  const cents = Math.round(Number(text) * 100)
  let bytes = 1
  for (let limit = 128; cents >= limit || cents < -limit; limit *= 256) bytes++
  const decimal = Buffer.allocUnsafe(bytes)
  decimal.writeIntBE(cents, 0, bytes)
  return decimal
}
