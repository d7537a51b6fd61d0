import { advise, retail } from '../advice.ts'
import type { Config } from '../config/schema.ts'
import { RetailError, unlessUnusable } from '../errors.ts'
import { type Damage, MISSING } from '../ports/damage.ts'
import type { Cover, LakeLayout, Ports, Published, Upkeep } from '../ports/index.ts'
import { dimensionKey, isOfBatch, isOfFact } from '../ports/layout.ts'
import { dimensionsOf } from '../tables/index.ts'
import { formatSecond, SECONDS_PER_DAY, type Second } from '../time.ts'
import { buildWorld, type World } from '../world/world.ts'
import { backfill } from './backfill.ts'
import { dimensionDamage } from './dimension-damage.ts'
import { putDimension } from './dimensions.ts'
import { repairLive } from './history/repair.ts'
import type { BackfillProgress } from './history/result.ts'
import { checkWorld } from './identity.ts'
import { coverWorld } from './live/layout.ts'
import { movedFrom } from './moved.ts'
import { unable } from './preconditions.ts'
import { recorded } from './record.ts'
import type { RepairFile } from './repair/repair-file.ts'
import { repairIdentity } from './repair/repair-identity.ts'
import { repairMisplaced } from './repair/repair-misplaced.ts'
import { stream } from './stream.ts'
import { checkFiles } from './verify/files.ts'
import { forgetShards } from './verify/shard-file.ts'

/** A file that was repaired, or would be. */
export interface RepairAction {
  file: string
  why: string
  did: string
}

export interface RepairResult {
  world: string
  dryRun: boolean
  repaired: RepairAction[]
  /** The marts could not be kept: `retail transform` rebuilds them. */
  needsTransform: boolean
  seconds: number
}

export interface RepairOptions {
  dryRun?: boolean
  workers?: number
  signal?: AbortSignal
  onRepair?: (action: RepairAction) => void
  onProgress?: (progress: BackfillProgress) => void
}

/** Rebuilds every missing or damaged file of a workspace that follows from the world and the lake. */
export async function repair(ports: Ports, config: Config, options: RepairOptions): Promise<RepairResult> {
  const { upkeep } = ports
  const start = performance.now()
  const world = buildWorld(config)
  const { dryRun = false } = options
  const repaired: RepairAction[] = []
  const repairFile: RepairFile = async (file, why, work) => {
    const did = dryRun ? 'would be repaired' : await work()
    repaired.push({ file, why, did })
    options.onRepair?.(repaired[repaired.length - 1])
  }
  // Before any lock is taken: a lock file may itself be broken.
  for (const damage of await ports.workspace.damage())
    await repairFile(damage.file, damage.why, () => ports.workspace.drop(damage))
  if (!upkeep.can) {
    const seconds = (performance.now() - start) / 1000
    if (repaired.length > 0) return { world: world.id, dryRun, repaired, needsTransform: false, seconds }
    throw unable(`a workspace of target ${ports.target.name} cannot be repaired`, upkeep)
  }
  const work = async () => {
    const hadMarts = await repairAll({ ...ports, upkeep }, config, world, options, repairFile)
    if (!dryRun && repaired.length > 0) await forgetShards(ports.lake)
    const published = await unlessUnusable(ports.warehouse.published())
    return {
      world: world.id,
      dryRun,
      repaired,
      needsTransform: hadMarts && published?.marts === undefined,
      seconds: (performance.now() - start) / 1000,
    }
  }
  return dryRun ? await work() : await recorded(ports.workspace, 'repair', work)
}

type Repairing = Extract<Upkeep, { can: true }>

async function repairAll(
  ports: Ports & { upkeep: Repairing },
  config: Config,
  world: World,
  options: RepairOptions,
  repairFile: RepairFile,
): Promise<boolean> {
  const { lake, warehouse, workspace, upkeep } = ports
  const { dryRun = false, workers, signal, onProgress } = options
  const asideOf = async (key: string, damage: Damage | undefined) =>
    damage?.kind === 'foreign' ? `${await upkeep.setAside(key)}; ` : ''
  let lostParts = false
  let [history, live]: [Second, Second] = [0, 0]
  let hadMarts = false
  {
    await using _lock = dryRun ? undefined : await workspace.lock('lake', 'repair')
    if (!dryRun) await lake.sweep()
    const names = await lake.layout()
    const renamed = await repairIdentity(ports, config, world, names, repairFile)
    const changed = await upkeep.changed()
    const found = await unlessUnusable(warehouse.published())
    const before = found?.world === world.id || found?.world === '' ? found : undefined
    const all = await upkeep.damage(world.id)
    // What follows from raw is made again by the publish at the end.
    for (const damage of all.filter(({ follows }) => follows === 'raw'))
      await repairFile(damage.file, damage.why, () => upkeep.drop(damage))
    const broken = all.filter(({ follows }) => follows !== 'raw')
    hadMarts = before?.marts !== undefined || broken.length > 0
    for (const damage of broken) await repairFile(damage.file, damage.why, () => upkeep.drop(damage))
    await checkWorld(ports, world, config).catch((error) => {
      // A dry run leaves the files unchanged.
      const isExpected = error instanceof RetailError && (error.code === 'damaged' || renamed || broken.length > 0)
      if (!dryRun || !isExpected) throw error
    })
    const known = { dryRun, repairFile }
    const { layout, delivered } = await repairMisplaced(ports, world, names, before?.raw, known)
    const cover = coverWorld(layout, world)
    const through = Math.max(world.from - 1, ...layout.parts.map((part) => part.through))
    history = Math.max(cover.history, before?.raw.history ?? (through + 1) * SECONDS_PER_DAY)
    if (history <= world.from * SECONDS_PER_DAY && !Object.values(layout.dimensions).some(Boolean)) {
      if (broken.length > 0) return hadMarts
      throw new RetailError('missing', 'there is nothing to repair yet', {
        hint: advise`run ${retail('seed-dims')} and ${retail('backfill')} first`,
      })
    }
    live = Math.max(cover.live, before?.raw.live ?? 0, history, delivered)
    for (const { name } of dimensionsOf(world.schema)) {
      const damage = await dimensionDamage(lake, world, name)
      if (damage)
        await repairFile(dimensionKey(name, lake), damage.why, async () => {
          const aside = await asideOf(dimensionKey(name, lake), damage)
          await putDimension(lake, world, name)
          return `${aside}regenerated`
        })
    }
    const files = await checkFiles(ports, world, { history, live }, false)
    const differences = files.differences.filter(({ kind }) => kind !== 'unexpected')
    const parts = differences.filter(({ file }) => file !== undefined && isOfFact(file))
    lostParts = parts.length > 0
    for (const { file, found, damage } of parts)
      await repairFile(file!, found ?? '', async () => `${await asideOf(file!, damage)}regenerated by backfill`)
    const batches = differences.filter(({ file }) => file !== undefined && isOfBatch(file))
    for (const { file, found, damage } of batches)
      await repairFile(file!, found ?? '', async () => `${await asideOf(file!, damage)}regenerated from the timeline`)
    if (broken.length === 0) {
      const stale = before ? (staleness(before, lake.location, cover, layout) ?? changed) : MISSING.why
      if (stale) await repairFile(warehouse.location, stale, async () => 'republished')
    }
    if (batches.length > 0 && !dryRun && !lostParts) await repairLive(ports, world, layout)
  }
  if (dryRun) return hadMarts
  if (lostParts) {
    await backfill(ports, config, { to: history / SECONDS_PER_DAY - 1, workers, signal, onProgress, thenLive: true })
    // A gap before the end of history did not come from the stream.
    await using _lock = await workspace.lock('lake', 'repair')
    await repairLive(ports, world, await lake.layout())
  }
  // If the last batches are missing, they leave no gap.
  if (live > coverWorld(await lake.layout(), world).live)
    await stream(ports, config, { speed: 'max', until: live, signal })
  await warehouse.publish()
  return hadMarts
}

/** Why a sound database does not show this lake; undefined if it does. It shows all batches of its generation, whenever they came. */
function staleness(
  published: Published,
  lake: string,
  { history, live }: Cover,
  { generation }: LakeLayout,
): string | undefined {
  const moved = movedFrom(published, lake)
  if (moved) return `it reads the lake at ${moved.from}`
  const { raw } = published
  if (raw.history >= history && (raw.live >= live || published.generation === generation)) return undefined
  return `it ends at ${formatSecond(Math.max(raw.history, raw.live))}, the lake at ${formatSecond(Math.max(history, live))}`
}
