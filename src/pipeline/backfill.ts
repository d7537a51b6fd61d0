import type { Config } from '../config/schema.ts'
import { type ExportPorts, isOvertaken, type LakeLayout, type Ports, type Published } from '../ports/index.ts'
import { formatDay, SECONDS_PER_DAY } from '../time.ts'
import { type CrewOptions, openCrew } from './history/crew.ts'
import { dryRun } from './history/dry-run.ts'
import { type ExportOptions, exportHistory, exportOf } from './history/export.ts'
import { holdLake } from './history/hold-lake.ts'
import type { BackfillResult } from './history/result.ts'
import { headOf, type Scope, type ScopeOptions, scopeOf, tasksOf } from './history/scope.ts'
import { checkWorld } from './identity.ts'
import { beginGeneration } from './live/batches.ts'
import { coverWorld, removeSuperseded } from './live/layout.ts'
import { refuseMisplaced } from './misplaced.ts'
import { movedFrom, shortfall } from './moved.ts'
import { recorded } from './record.ts'

export interface BackfillOptions extends ScopeOptions, Omit<CrewOptions, 'out'> {
  dryRun?: boolean
  /** Makes this an export: `ports` are those of its folder. */
  out?: ExportOptions | undefined
  /** Live batches are regenerated after it, so that missing ones are no failure yet. */
  thenLive?: boolean
}

/** Generates every part of the period that is missing or damaged, in worker threads, and publishes. */
export async function backfill(
  ports: Ports | ExportPorts,
  config: Config,
  options: BackfillOptions,
): Promise<BackfillResult> {
  const scope = scopeOf(ports, config, options)
  const { out, signal, onProgress } = options
  if (out?.profile) {
    const { refuseFaults } = await import('./history/arrivals.ts')
    refuseFaults(scope.world, out.format, out.profile)
  }
  if (options.dryRun || out) await checkWorld(ports, scope.world, config)
  if (options.dryRun)
    return {
      ...(await dryRun(ports.lake, scope)),
      ...(out ? exportOf(scope, out) : coveredBy(await ports.lake.layout(), scope)),
    }
  if (out) return await exportHistory(ports, scope, out, { signal, onProgress })
  return await extendHistory(ports, scope, { signal, onProgress, thenLive: options.thenLive })
}

/** Generates the workspace's history and publishes it. */
async function extendHistory(
  ports: ExportPorts,
  scope: Scope,
  { thenLive = false, ...options }: CrewOptions & Pick<BackfillOptions, 'thenLive'>,
): Promise<BackfillResult> {
  const { world, period, shard } = scope
  await using crew = openCrew(ports, scope, options)
  await using _lake = await holdLake(ports, scope)
  return await recorded(ports.workspace, 'backfill', async () => {
    const found = await ports.warehouse.published()
    // Whatever lies within the period is checked when it is made.
    const end = (period.to + 1) * SECONDS_PER_DAY
    await refuseMisplaced(ports, world, {
      history: Math.max(end, found?.raw.history ?? 0),
      live: Math.max(end, found?.raw.live ?? 0),
    })
    const made = await crew.make(tasksOf(scope, await ports.lake.layout()))
    const published = await ports.warehouse.published()
    const layout = await publishHistory(ports, scope, {
      published,
      whole: made.complete && shard.count === 1 && !thenLive,
    })
    const allShards = coverWorld(layout, world).history >= (period.to + 1) * SECONDS_PER_DAY
    const moved = movedFrom(published, ports.lake.location)
    return { ...headOf(scope), dryRun: false, ...made, allShards, ...coveredBy(layout, scope), ...(moved && { moved }) }
  })
}

/**
 * Live batches that history has overtaken must leave the open generation, which readers read completely. A publish that
 * would show fewer rows than before does not happen: a run that should have made it `whole` reports what is missing,
 * other runs leave it to the next one.
 */
async function publishHistory(
  ports: ExportPorts,
  { world, shard }: Scope,
  { published, whole }: { published: Published | undefined; whole: boolean },
): Promise<LakeLayout> {
  const sharded = shard.count > 1
  await using _turn = sharded ? await ports.workspace.lock('turn', 'backfill') : undefined
  let layout = await ports.lake.layout()
  const cover = coverWorld(layout, world)
  if (layout.generation > 0 && isOvertaken(layout, cover.history)) {
    await beginGeneration(ports.lake, world, layout, cover.live)
    layout = await ports.lake.layout()
  }
  const less = shortfall(ports.warehouse, published, coverWorld(layout, world))
  if (less && whole) throw less
  if (less) return layout
  await ports.warehouse.publish()
  await removeSuperseded(ports, world)
  return layout
}

/** A shorter period than history: the result must not read as if history ended with it. */
function coveredBy(layout: LakeLayout, { world, period }: Scope): Pick<BackfillResult, 'history'> {
  const end = coverWorld(layout, world).history / SECONDS_PER_DAY - 1
  return end > period.to ? { history: { from: formatDay(world.from), to: formatDay(end) } } : {}
}
