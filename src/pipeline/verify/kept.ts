import { type Damage, MISSING } from '../../ports/damage.ts'
import type { Ports } from '../../ports/index.ts'
import { dimensionKey } from '../../ports/layout.ts'
import { dimensionsOf } from '../../tables/index.ts'
import type { World } from '../../world/world.ts'
import { dimensionDamage } from '../dimension-damage.ts'
import { differenceOf, type Found } from './sentences.ts'

/** The files beside parts and batches: dimensions, the lake's identity, state files, and databases. */
export async function checkKept(ports: Ports, world: World, quick: boolean): Promise<Found[]> {
  const differences: Found[] = []
  const found = (table: string, file: string, damage: Damage) =>
    differences.push({ check: 'files', ...differenceOf(damage), table, file })
  const { lake, upkeep, workspace } = ports
  for (const { name } of dimensionsOf(world.schema)) {
    const damage = await dimensionDamage(lake, world, name)
    if (damage) found(name, dimensionKey(name, lake), damage)
  }
  if (!(await lake.identity())) found('the lake', 'world.json', MISSING)
  if (quick) return differences
  for (const damage of await workspace.damage()) found('the workspace', damage.file, damage)
  for (const damage of await upkeep.damage(world.id))
    found(damage.follows === 'raw' ? 'the lake' : 'the database', damage.file, damage)
  return differences
}
