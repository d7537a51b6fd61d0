import type { ColumnBatch } from '../simulator/column-batch.ts'
import { columnsOf, type FactName, tables } from '../tables/index.ts'
import type { World } from '../world/world.ts'
import { FactText } from './fact-text.ts'

/** Bytes encoded at a time: several hundred events. */
const SCRATCH_BYTES = 1 << 16

/**
 * The rows of a table as JSON objects, keyed by column, in the order of the batch. Money is text, so that no reader
 * rounds it.
 */
export function* eventsOf(world: World, table: FactName, batch: ColumnBatch): Generator<{ id: string; data: string }> {
  const [[key]] = columnsOf(tables[table], world.schema)
  const from = `{"${key}":"`.length
  const text = new FactText(world, table, 'event')
  const bytes = Buffer.allocUnsafe(SCRATCH_BYTES)
  text.begin(batch)
  for (let length = text.fill(bytes); length > 0; length = text.fill(bytes)) {
    const lines = bytes.toString('latin1', 0, length)
    for (let at = 0; at < length; ) {
      const end = lines.indexOf('\n', at)
      const data = lines.slice(at, end)
      yield { id: data.slice(from, data.indexOf('"', from)), data }
      at = end + 1
    }
  }
}
