import { expect, test } from 'vitest'
import { store } from '../tables/index.ts'
import { codeChunk, int32 } from './columns.ts'
import { ParquetWriter } from './parquet.ts'

const columns = Object.entries(store.columns)
const chunkOf = (rows: number) => codeChunk(new Uint8Array(rows), rows, (codes) => new Uint8Array(codes.buffer), int32)
const fileOfChunks = (...rows: number[]) => {
  const writer = new ParquetWriter({ write: () => {} }, { columns, utc: false, metadata: {}, createdBy: 'a test' })
  for (const each of rows) writer.column(chunkOf(each))
  return writer
}

test('a group that lacks a column, or whose columns differ in length, is refused', () => {
  expect(() => fileOfChunks(5, 5, 5).endGroup(5)).toThrow('column manager of a group of 5 rows has none values')
  expect(() => fileOfChunks(5, 5, 4, 5).endGroup(5)).toThrow('column size of a group of 5 rows has 4 values')
  expect(() => fileOfChunks(5, 5, 5, 5, 5).endGroup(5)).toThrow('a group has 5 columns, its table 4')
  fileOfChunks(5, 5, 5, 5).endGroup(5)
})
