import { writeRows } from '../encode/rows.ts'
import { textRows } from '../encode/text-rows.ts'
import type { Lake } from '../ports/index.ts'
import { dimensionKey } from '../ports/layout.ts'
import { type DimensionName, type FileFormat, tables } from '../tables/index.ts'
import { rowsOf } from '../world/dimensions.ts'
import { GENERATOR_VERSION, type World } from '../world/world.ts'

/** A dimension as text, with its header line. */
export const dimensionText = (world: World, name: DimensionName, format: Exclude<FileFormat, 'parquet'>): string =>
  textRows(tables[name], world.schema, rowsOf(world, name), format)

/** Writes a complete dimension in the lake's format. Resolves to its size in bytes. */
export function putDimension(
  lake: Pick<Lake, 'put' | 'format' | 'months' | 'traits'>,
  world: World,
  name: DimensionName,
): Promise<number> {
  const { format, traits } = lake
  return lake.put(dimensionKey(name, lake), (sink) => {
    if (format !== 'parquet') return sink.write([Buffer.from(dimensionText(world, name, format))])
    const identity = { world: world.id, generator: GENERATOR_VERSION, content: 'all rows' }
    writeRows(sink, tables[name], world.schema, rowsOf(world, name), traits.timestamps === 'utc', identity)
  })
}
