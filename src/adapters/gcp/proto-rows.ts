import type { protos } from '@google-cloud/bigquery-storage'
import protobuf from 'protobufjs'
import type { AppendRow } from '../../ports/index.ts'

/** Values of google.protobuf.FieldDescriptorProto.Type for the types of our columns. */
const types = new Map([
  [3, 'int64'],
  [9, 'string'],
  [12, 'bytes'],
])

export type RowEncoder = (row: AppendRow) => Uint8Array

/** Encodes rows as protocol buffers of a descriptor with flat, optional fields. Byte fields are given in base64. */
export function rowEncoder({ field }: protos.google.protobuf.IDescriptorProto): RowEncoder {
  const row = new protobuf.Type('row')
  for (const { name, number, type } of field ?? []) {
    const known = types.get(Number(type))
    if (!known) throw new Error(`no column of type ${type} is written`)
    row.add(new protobuf.Field(String(name), Number(number), known, 'optional'))
  }
  return (cells) => row.encode(cells).finish()
}
