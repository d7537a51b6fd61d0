import type { Config } from '../config/schema.ts'
import { writeRows } from '../encode/rows.ts'
import { textRows } from '../encode/text-rows.ts'
import type { Lake } from '../ports/index.ts'
import { type DimensionName, type FileFormat, product, store } from '../tables/index.ts'
import { productRows, storeRows } from '../world/dimensions.ts'
import { GENERATOR_VERSION, type World } from '../world/world.ts'

export const dimensionRows = (world: World): Record<DimensionName, number> => ({
  product: world.products.count,
  store: world.stores.count,
})

/** A dimension as text, with its first line. */
export const dimensionText = (world: World, name: DimensionName, format: Exclude<FileFormat, 'parquet'>): string =>
  name === 'product'
    ? textRows(product, world.schema, productRows(world), format)
    : textRows(store, world.schema, storeRows(world), format)

/** Writes a dimension whole, as the lake's format asks. Resolves to its size in bytes. */
export function putDimension(
  lake: Pick<Lake, 'put' | 'format'>,
  world: World,
  config: Config,
  name: DimensionName,
): Promise<number> {
  const { format } = lake
  return lake.put(`${name}.${format}`, (sink) => {
    if (format !== 'parquet') return sink.write([Buffer.from(dimensionText(world, name, format))])
    const identity = { world: world.id, generator: GENERATOR_VERSION, content: 'all rows' }
    const utc = config.target === 'gcp'
    if (name === 'product') writeRows(sink, product, world.schema, productRows(world), utc, identity)
    else writeRows(sink, store, world.schema, storeRows(world), utc, identity)
  })
}
