import type { Config } from '../config/schema.ts'
import type { Ports } from '../ports/index.ts'
import { type DimensionName, dimensions } from '../tables/index.ts'
import { buildWorld } from '../world/world.ts'
import { dimensionRows, putDimension } from './dimensions.ts'
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
  const rows = dimensionRows(world)
  if (dryRun) {
    await checkWorld(ports, world, config)
    return { world: world.id, rows, sizeBytes: 0 }
  }
  await using _lock = await ports.workspace.lock('lake', 'seed-dims')
  return await recorded(ports.workspace, 'seed-dims', async () => {
    await claimLake(ports, world, config)
    await ports.lake.sweep()
    let sizeBytes = 0
    for (const { name } of dimensions) {
      sizeBytes += await putDimension(ports.lake, world, config, name)
      onTable?.(name, rows[name])
    }
    await ports.warehouse.publish()
    return { world: world.id, rows, sizeBytes }
  })
}
