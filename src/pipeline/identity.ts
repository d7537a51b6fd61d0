import type { Config } from '../config/schema.ts'
import { RetailError } from '../errors.ts'
import { type Damage, foreignTo } from '../ports/damage.ts'
import type { ExportPorts, LakeIdentity } from '../ports/index.ts'
import { LAKE_FORM } from '../ports/layout.ts'
import { dimensionsOf } from '../tables/index.ts'
import { GENERATOR_VERSION, type World } from '../world/world.ts'
import { dimensionDamage } from './dimension-damage.ts'
import { foreignFile } from './foreign-file.ts'
import { isDamage } from './read-whole.ts'

export const identityOf = (world: World, config: Config): LakeIdentity => ({
  format: LAKE_FORM,
  world: world.id,
  generator: GENERATOR_VERSION,
  seed: config.seed,
  historyFrom: config.history.from,
  blocks: world.blocks.length,
  config: { ...config.world },
})

/** Refuses a lake or database of another world, and says what differs: worlds are never mixed. */
export async function checkWorld(
  { lake, warehouse }: Pick<ExportPorts, 'lake' | 'warehouse'>,
  world: World,
  config: Config,
): Promise<LakeIdentity | undefined> {
  const ours = identityOf(world, config)
  const theirs = await lake.identity()
  const { repairs } = lake.traits
  if (theirs && theirs.world !== ours.world) {
    if (repairs && (await isOurs(lake, world)))
      throw foreignFile(`${lake.location}/world.json`, foreignTo(theirs.world), 'by repair')
    throw foreign(`the ${theirs.export ? 'export' : 'lake'} ${lake.location}`, differences(ours, theirs), theirs)
  }
  const published = await warehouse.published()
  if (published && published.world !== '' && published.world !== ours.world) {
    if (repairs && (theirs || (await isOurs(lake, world))))
      throw foreignFile(warehouse.location, foreignTo(published.world), 'by repair')
    throw foreign(`the database ${warehouse.location}`, `its world is ${published.world}, this one is ${ours.world}`)
  }
  return theirs
}

/** Like checkWorld, but an empty lake becomes ours. */
export async function claimLake(
  ports: Pick<ExportPorts, 'lake' | 'warehouse'>,
  world: World,
  config: Config,
): Promise<void> {
  if (await checkWorld(ports, world, config)) return
  await refuseStrangers(ports.lake, world)
  await ports.lake.identify(identityOf(world, config))
  // Another machine may have been first.
  await checkWorld(ports, world, config)
}

/** A lake that has lost its identity file must not be taken for an empty one. */
async function refuseStrangers(lake: ExportPorts['lake'], world: World): Promise<void> {
  const { ours, theirs } = await ownership(lake, world)
  if (theirs > ours) throw foreignLake(lake.location, world)
}

export const foreignLake = (location: string, world: World): RetailError =>
  foreign(`the lake ${location}`, `its files belong to another world than ${world.id}, the one in retail.yaml`)

/** Parts that are looked into, of all there are: they are whole files. */
const WITNESSES = 8

/** How many files of a lake belong to this world, and how many to others. What is damaged says nothing. */
export async function ownership(lake: ExportPorts['lake'], world: World): Promise<{ ours: number; theirs: number }> {
  const { checkPart } = await import('./history/block-task.ts')
  const { parts } = await lake.layout()
  const every = Math.max(1, Math.floor(parts.length / WITNESSES))
  const found: (Damage | undefined)[] = []
  for (const { table, key } of parts.filter((_, i) => i % every === 0)) {
    const state = await checkPart(world, lake, table, key)
    found.push(isDamage(state) ? state : undefined)
  }
  for (const { name } of dimensionsOf(world.schema)) found.push(await dimensionDamage(lake, world, name))
  const count = (is: (damage: Damage | undefined) => boolean) => found.filter(is).length
  return { ours: count((damage) => damage === undefined), theirs: count((damage) => damage?.kind === 'foreign') }
}

async function isOurs(lake: ExportPorts['lake'], world: World): Promise<boolean> {
  const { ours, theirs } = await ownership(lake, world)
  return ours > theirs
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
  const elsewhere = `choose another folder with ${theirs?.export ? '--out' : '--workspace'}`
  // Another version generates other rows from the same config: no value in retail.yaml brings them back.
  const older = theirs && theirs.generator !== GENERATOR_VERSION
  return new RetailError('foreign_world', `${what} belongs to another world${flags}`, {
    why,
    hint: older
      ? `use the release of retail that made it (generator version ${theirs.generator}), or ${elsewhere} and generate its history with this one`
      : `restore the old values in retail.yaml, or ${elsewhere}`,
  })
}
