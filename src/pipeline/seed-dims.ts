import type { Config } from '../config/schema.ts'
import type { Ports } from '../ports/index.ts'
import { dimensionKey } from '../ports/layout.ts'
import { type DimensionName, dimensionsOf } from '../tables/index.ts'
import { membersOf } from '../world/counts.ts'
import { buildWorld } from '../world/world.ts'
import { dimensionDamage } from './dimension-damage.ts'
import { putDimension } from './dimensions.ts'
import { foreignKey } from './foreign-file.ts'
import { checkWorld, claimLake } from './identity.ts'
import { coverWorld, removeSuperseded } from './live/layout.ts'
import { refuseMisplaced } from './misplaced.ts'
import type { Moved } from './moved.ts'
import { movedFrom, shortfall } from './moved.ts'
import { recorded } from './record.ts'

export interface SeedDimsResult {
  world: string
  /** By table. */
  rows: Partial<Record<DimensionName, number>>
  sizeBytes: number
  moved?: Moved | undefined
}

export interface SeedDimsOptions {
  dryRun?: boolean
  onTable?: (table: DimensionName, rows: number) => void
}

/** Writes the dimensions, and publishes them. */
export async function seedDims(
  ports: Ports,
  config: Config,
  { dryRun = false, onTable }: SeedDimsOptions,
): Promise<SeedDimsResult> {
  const world = buildWorld(config)
  const rows = membersOf(world)
  if (dryRun) {
    await checkWorld(ports, world, config)
    return { world: world.id, rows, sizeBytes: 0 }
  }
  await using _lock = await ports.workspace.lock('lake', 'seed-dims')
  return await recorded(ports.workspace, 'seed-dims', async () => {
    const published = await ports.warehouse.published()
    await claimLake(ports, world, config)
    await refuseMisplaced(ports, world, published?.raw)
    const less = shortfall(ports.warehouse, published, coverWorld(await ports.lake.layout(), world))
    if (less) throw less
    await ports.lake.sweep()
    let sizeBytes = 0
    for (const { name } of dimensionsOf(world.schema)) {
      const damage = await dimensionDamage(ports.lake, world, name)
      if (damage?.kind === 'foreign') throw foreignKey(ports.lake, dimensionKey(name, ports.lake), damage)
    }
    for (const { name } of dimensionsOf(world.schema)) {
      sizeBytes += await putDimension(ports.lake, world, name)
      onTable?.(name, rows[name] ?? 0)
    }
    await ports.warehouse.publish()
    await removeSuperseded(ports, world)
    const moved = movedFrom(published, ports.lake.location)
    return { world: world.id, rows, sizeBytes, ...(moved && { moved }) }
  })
}
