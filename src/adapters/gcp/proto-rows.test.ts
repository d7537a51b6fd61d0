import { adapt, managedwriter } from '@google-cloud/bigquery-storage'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { AppendRow } from '../../ports/index.ts'
import { bigquerySchema, deadLetterSchema } from '../../tables/emit.ts'
import { tables } from '../../tables/index.ts'
import { rowEncoder } from './proto-rows.ts'

type Writer = ConstructorParameters<typeof managedwriter.JSONWriter>[0]

const text = fc.string({ unit: 'binary', maxLength: 200 })
const values: Record<string, fc.Arbitrary<string | number | null>> = {
  STRING: text,
  JSON: text,
  NUMERIC: fc.stringMatching(/^-?\d{1,8}\.\d\d$/),
  INTEGER: fc.maxSafeInteger(),
  TIMESTAMP: fc.integer({ min: -1e15, max: 4e15 }),
  BYTES: fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes).toString('base64')),
}

test.each([
  ['transactions', bigquerySchema(tables.transactions, 'extended')],
  ['inventories', bigquerySchema(tables.inventories, 'strict')],
  ['dead_letter', deadLetterSchema()],
])('rows of %s are encoded as Google’s own client does it', (_, schema) => {
  const fields = JSON.parse(schema) as { name: string; type: string; mode: string }[]
  const descriptor = adapt.convertStorageSchemaToProto2Descriptor(
    adapt.convertBigQuerySchemaToStorageTableSchema({ fields }),
    'row',
  )
  const encode = rowEncoder(descriptor)
  const row = fc.record(
    Object.fromEntries(
      fields.map(({ name, type, mode }) => [name, mode === 'REQUIRED' ? values[type] : fc.option(values[type])]),
    ),
  )
  fc.assert(
    fc.property(fc.array(row, { minLength: 1, maxLength: 5 }), (rows) => {
      expect(rows.map(encode).map(hex)).toEqual(theirs(descriptor, rows).map(hex))
    }),
    { numRuns: 200 },
  )
})

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')

/** What the client would send. */
function theirs(protoDescriptor: Writer['protoDescriptor'], rows: AppendRow[]): Uint8Array[] {
  let sent: Uint8Array[] = []
  const connection = {
    onSchemaUpdated: () => ({ off() {} }),
    reconnect() {},
    getStreamId: () => 'stream',
    write({ protoRows }: { protoRows: { rows: { serializedRows: Uint8Array[] } } }) {
      sent = protoRows.rows.serializedRows
    },
  }
  const writer = new managedwriter.JSONWriter({
    connection: connection as unknown as Writer['connection'],
    protoDescriptor,
  })
  writer.appendRows(rows)
  return sent
}
