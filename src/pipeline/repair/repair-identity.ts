import type { Config } from '../../config/schema.ts'
import { RetailError } from '../../errors.ts'
import { MISSING } from '../../ports/damage.ts'
import type { LakeLayout, Ports, Upkeep } from '../../ports/index.ts'
import type { World } from '../../world/world.ts'
import { checkWorld, foreignLake, identityOf, ownership } from '../identity.ts'
import type { RepairFile } from './repair-file.ts'

/**
 * A lake without an identity, or with that of another world, becomes ours only if its files belong to this world; true if
 * it did. Otherwise the whole lake is of another world, and nothing is changed.
 */
export async function repairIdentity(
  { upkeep, ...ports }: Pick<Ports, 'lake' | 'warehouse'> & { upkeep: Extract<Upkeep, { can: true }> },
  config: Config,
  world: World,
  layout: LakeLayout,
  repairFile: RepairFile,
): Promise<boolean> {
  const { lake } = ports
  let why = MISSING.why
  let named = false
  try {
    const theirs = await lake.identity()
    if (theirs?.world === world.id) return false
    named = theirs !== undefined
    if (theirs) why = `it names another world (seed ${theirs.seed}, from ${theirs.historyFrom})`
  } catch (error) {
    if (!(error instanceof RetailError) || error.code !== 'damaged') throw error
    why = error.message
  }
  if (why === MISSING.why && layout.parts.length + layout.live.length + layout.rolled.length === 0) return false
  const { ours, theirs } = await ownership(lake, world)
  // A damaged file proves nothing.
  if (named && ours <= theirs) await checkWorld(ports, world, config)
  if (!named && theirs > ours) throw foreignLake(lake.location, world)
  await repairFile('world.json', why, async () => {
    const aside = named ? `${await upkeep.setAside('world.json')}; ` : ''
    if (!named) await lake.remove(['world.json'])
    await lake.identify(identityOf(world, config))
    return `${aside}regenerated: the files belong to this world`
  })
  return true
}
