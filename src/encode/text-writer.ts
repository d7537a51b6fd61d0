import type { ColumnBatch } from '../simulator/column-batch.ts'
import type { FactName, WorldSchema } from '../tables/index.ts'
import type { World } from '../world/world.ts'
import { FactText } from './fact-text.ts'
import type { ChunkSink } from './parquet.ts'
import { headOf, type TextFormat } from './row-layout.ts'

/** Bytes per write: they are still in the cache when the kernel copies them. 64 kB to 2 MB measure the same. */
const SCRATCH_BYTES = 1 << 19
const scratch = new Uint8Array(SCRATCH_BYTES)

/** Columnar batches of one fact → a text file, as FactWriter does for Parquet. */
export class TextWriter {
  rows = 0
  private readonly sink: ChunkSink
  private readonly table: FactName
  private readonly text: FactText

  constructor(sink: ChunkSink, world: World, table: FactName, format: TextFormat) {
    this.sink = sink
    this.table = table
    this.text = new FactText(world, table, format)
    if (this.text.head) sink.write([Buffer.from(this.text.head)])
  }

  add(batch: ColumnBatch): void {
    this.text.begin(batch)
    for (let bytes = this.text.fill(scratch); bytes > 0; bytes = this.text.fill(scratch))
      this.sink.write([scratch.subarray(0, bytes)])
    this.rows += batch.facts[this.table].rows.n
  }

  /** A text file has no footer. */
  close(): void {}
}

const LINE_END = 10

/** Row count of a complete file, as far as text can show that; otherwise what is wrong with it. */
export function countRows(
  bytes: Uint8Array,
  schema: WorldSchema,
  table: FactName,
  format: TextFormat,
): number | string {
  const head = Buffer.from(headOf(schema, table, format))
  if (!head.equals(bytes.subarray(0, head.length))) return 'its first line is not that of the table'
  if (bytes.length > head.length && bytes[bytes.length - 1] !== LINE_END) return 'it ends within a row'
  let rows = 0
  for (let at = bytes.indexOf(LINE_END, head.length); at >= 0; at = bytes.indexOf(LINE_END, at + 1)) rows++
  return rows
}
