import type { Config } from '../config/schema.ts'
import { RetailError } from '../errors.ts'
import type { ExportPorts, LakeIdentity } from '../ports/index.ts'
import { GENERATOR_VERSION, type World } from '../world/world.ts'

export const identityOf = (world: World, config: Config): LakeIdentity => ({
  format: 1,
  world: world.id,
  generator: GENERATOR_VERSION,
  seed: config.seed,
  historyFrom: config.history.from,
  blocks: world.blocks.length,
  config: { ...config.world },
})

/** Refuses a lake or database of another world; nothing is ever mixed. Says what differs. */
export async function checkWorld(
  { lake, warehouse }: Pick<ExportPorts, 'lake' | 'warehouse'>,
  world: World,
  config: Config,
): Promise<LakeIdentity | undefined> {
  const ours = identityOf(world, config)
  const theirs = await lake.identity()
  if (theirs && theirs.world !== ours.world)
    throw foreign(`the ${theirs.export ? 'export' : 'lake'} ${lake.location}`, differences(ours, theirs), theirs)
  const published = await warehouse.published()
  if (published && published.world !== '' && published.world !== ours.world)
    throw foreign(`the database ${warehouse.location}`, `its world is ${published.world}, this one is ${ours.world}`)
  // A workspace that was moved: the views in the database still name the old place.
  if (published && published.lake !== lake.location) await warehouse.publish()
  return theirs
}

/** As checkWorld, and an empty lake becomes ours. */
export async function claimLake(
  ports: Pick<ExportPorts, 'lake' | 'warehouse'>,
  world: World,
  config: Config,
): Promise<void> {
  if (await checkWorld(ports, world, config)) return
  await ports.lake.identify(identityOf(world, config))
  // Another machine may have been first meanwhile.
  await checkWorld(ports, world, config)
}

function differences(ours: LakeIdentity, theirs: LakeIdentity): string {
  const flat = ({ seed, generator, historyFrom, config }: LakeIdentity): Record<string, unknown> => ({
    seed,
    'history.from': historyFrom,
    'generator version': generator,
    ...Object.fromEntries(Object.entries(config ?? {}).map(([key, value]) => [`world.${key}`, value])),
  })
  const [a, b] = [flat(ours), flat(theirs)]
  const changed = Object.keys(a).filter((key) => a[key] !== b[key])
  return (
    changed.map((key) => `${key} is ${b[key]} there and ${a[key]} here`).join(', ') ||
    `its world is ${theirs.world}, this one is ${ours.world}`
  )
}

function foreign(what: string, why: string, theirs?: LakeIdentity): RetailError {
  const flags = theirs ? ` (seed ${theirs.seed}, from ${theirs.historyFrom})` : ''
  return new RetailError('foreign_world', `${what} belongs to another world${flags}`, {
    why,
    hint: `put the old values back in retail.yaml, or choose another folder with ${theirs?.export ? '--out' : '--workspace'}`,
  })
}
