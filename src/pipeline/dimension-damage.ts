// Apart from dimensions.ts, because every command that reads a lake needs it, and names come from Faker, which takes 70 ms to load.
import { type Damage, foreignTo, otherContent } from '../ports/damage.ts'
import type { Lake } from '../ports/index.ts'
import { dimensionKey } from '../ports/layout.ts'
import type { DimensionName } from '../tables/index.ts'
import type { World } from '../world/world.ts'
import { isDamage, readWhole } from './read-whole.ts'

/** What is wrong with a dimension of the lake; undefined if it is complete and of this world. */
export async function dimensionDamage(
  lake: Pick<Lake, 'read' | 'format' | 'months'>,
  world: World,
  name: DimensionName,
): Promise<Damage | undefined> {
  const footer = await readWhole(lake, dimensionKey(name, lake))
  if (isDamage(footer)) return footer
  const { 'retail.world': owner, 'retail.table': holds } = footer.metadata
  if (owner !== world.id) return foreignTo(owner)
  return holds === name ? undefined : otherContent(holds)
}
