import type { Ports } from '../../ports/index.ts'
import { dimensions } from '../../tables/index.ts'
import type { World } from '../../world/world.ts'
import { dimensionDamage } from '../dimension-damage.ts'
import { MISSING } from '../read-whole.ts'

export interface KeptDifference {
  check: 'files'
  kind: 'missing' | 'damaged'
  table: string
  file: string
  found: string
}

/** The files beside parts and batches: dimensions, the lake's identity, state files, and databases. */
export async function checkKept(ports: Ports, world: World, quick: boolean): Promise<KeptDifference[]> {
  const differences: KeptDifference[] = []
  const found = (table: string, file: string, why: string) =>
    differences.push({
      check: 'files',
      kind: why === MISSING ? 'missing' : 'damaged',
      table,
      file,
      found: why,
    })
  const { lake, upkeep, workspace } = ports
  for (const { name } of dimensions) {
    const why = await dimensionDamage(lake, world, name)
    if (why !== undefined) found(name, `${name}.${lake.format}`, why)
  }
  if (!(await lake.identity())) found('the lake', 'world.json', MISSING)
  if (quick) return differences
  for (const { file, why } of await workspace.damage()) found('the workspace', file, why)
  for (const { file, why } of upkeep.can ? await upkeep.damage(world.id) : []) found('the database', file, why)
  return differences
}
