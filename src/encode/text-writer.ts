import type { Batch } from '../simulator/batch.ts'
import type { FactName } from '../tables/index.ts'
import type { World } from '../world/world.ts'
import { FactText } from './fact-text.ts'
import type { ChunkSink } from './parquet.ts'
import type { TextFormat } from './row-layout.ts'

/** Bytes written at a time: they are still in the cache when the kernel copies them. 64 kB to 2 MB measure the same. */
const SCRATCH_BYTES = 1 << 19
const scratch = new Uint8Array(SCRATCH_BYTES)

/** Columnar batches of one fact → a file of text, as FactWriter makes one of Parquet. */
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

  add(batch: Batch): void {
    this.text.begin(batch)
    for (let bytes = this.text.fill(scratch); bytes > 0; bytes = this.text.fill(scratch))
      this.sink.write([scratch.subarray(0, bytes)])
    this.rows += batch[this.table === 'transactions' ? 'lines' : 'movements'].n
  }

  /** Text has no end of its own. */
  close(): void {}
}
