import { columnsOf, type Row, type Table, type WorldSchema } from '../tables/index.ts'
import { numberChunk, stringChunk } from './columns.ts'
import { createdBy, type FileIdentity, metadataOf } from './facts.ts'
import { type ChunkSink, ParquetWriter } from './parquet.ts'

/** Rows of a small table → a Parquet file with one row group. */
export function writeRows(
  sink: ChunkSink,
  table: Table,
  schema: WorldSchema,
  rows: readonly Row[],
  utc: boolean,
  identity: FileIdentity,
): void {
  const columns = columnsOf(table, schema)
  const writer = new ParquetWriter(sink, {
    columns,
    utc,
    metadata: metadataOf(table.name, identity),
    createdBy: createdBy(identity),
  })
  for (const [name, { type }] of columns) {
    const values = rows.map((row) => row[name])
    if (type === 'string') writer.column(stringChunk(values as string[]))
    else if (type === 'timestamp')
      writer.column(
        numberChunk(
          (values as number[]).map((second) => second * 1_000_000),
          8,
        ),
      )
    else writer.column(numberChunk(values as number[], type === 'int' ? 4 : 8))
  }
  writer.endGroup(rows.length)
  writer.close()
}
