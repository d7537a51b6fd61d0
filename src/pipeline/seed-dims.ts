import type { Config } from '../config/schema.ts'
import { writeRows } from '../encode/rows.ts'
import type { Ports } from '../ports/index.ts'
import { type DimensionName, product, store } from '../tables/index.ts'
import { productRows, storeRows } from '../world/dimensions.ts'
import { buildWorld, GENERATOR_VERSION } from '../world/world.ts'
import { checkWorld, claimLake } from './identity.ts'
import { recorded } from './record.ts'
import type { SeedDimsResult } from './results.ts'

export interface SeedDimsOptions {
  dryRun?: boolean
  onTable?: (table: DimensionName, rows: number) => void
}

/** Makes product and store and publishes them. */
export async function seedDims(
  ports: Ports,
  config: Config,
  { dryRun = false, onTable }: SeedDimsOptions,
): Promise<SeedDimsResult> {
  const world = buildWorld(config)
  const rows = { product: world.products.count, store: world.stores.count }
  if (dryRun) {
    await checkWorld(ports, world, config)
    return { world: world.id, rows, sizeBytes: 0 }
  }
  await using _lock = await ports.workspace.lock('lake', 'seed-dims')
  return await recorded(ports.workspace, 'seed-dims', async () => {
    await claimLake(ports, world, config)
    await ports.lake.sweep()
    const identity = { world: world.id, generator: GENERATOR_VERSION, content: 'all rows' }
    let sizeBytes = 0
    const utc = config.target === 'gcp'
    sizeBytes += await ports.lake.put('product.parquet', (sink) =>
      writeRows(sink, product, world.schema, productRows(world), utc, identity),
    )
    onTable?.('product', rows.product)
    sizeBytes += await ports.lake.put('store.parquet', (sink) =>
      writeRows(sink, store, world.schema, storeRows(world), utc, identity),
    )
    onTable?.('store', rows.store)
    await ports.warehouse.publish()
    return { world: world.id, rows, sizeBytes }
  })
}
