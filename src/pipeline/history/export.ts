import type { ExportPorts, LakeLayout } from '../../ports/index.ts'
import { dimensionsOf, type TableName } from '../../tables/index.ts'
import { putDimension } from '../dimensions.ts'
import { coverWorld } from '../live/layout.ts'
import { blocksOf } from '../period.ts'
import { recorded } from '../record.ts'
import type { FaultyPlace } from './block-task.ts'
import { type CrewOptions, openCrew } from './crew.ts'
import { holdLake } from './hold-lake.ts'
import type { BackfillResult } from './result.ts'
import { areThere, dimensionsAmong, headOf, type Scope, tasksOf } from './scope.ts'

export interface ExportOptions extends FaultyPlace {
  tables: readonly TableName[]
}

/** Writes history to a folder for other tools; no database includes it. */
export async function exportHistory(
  ports: ExportPorts,
  scope: Scope,
  out: ExportOptions,
  options: Omit<CrewOptions, 'out'>,
): Promise<BackfillResult> {
  await using crew = openCrew(ports, scope, { ...options, out })
  await using _lake = await holdLake(ports, scope)
  return await recorded(ports.workspace, 'backfill', async () => {
    const before = await ports.lake.layout()
    await putDimensions(ports, scope, out, before)
    const made = await crew.make(tasksOf(scope, before))
    const after = await clearReplaced(ports, scope)
    const allShards = areThere(tasksOf({ ...scope, blocks: blocksOf(scope.world) }, after))
    return { ...headOf(scope), dryRun: false, ...exportOf(scope, out), ...made, allShards }
  })
}

/** The fields of a result that describe an actual or planned export. */
export const exportOf = (
  { world }: Scope,
  { profile: _, ...out }: ExportOptions,
): { export: NonNullable<BackfillResult['export']> } => ({
  export: {
    ...out,
    dimensions: dimensionsAmong(world, out.tables),
  },
})

async function putDimensions(
  { lake }: Pick<ExportPorts, 'lake'>,
  { world }: Scope,
  { tables }: ExportOptions,
  there: LakeLayout,
): Promise<void> {
  for (const { name } of dimensionsOf(world.schema))
    if (tables.includes(name) && !there.dimensions[name]) await putDimension(lake, world, name)
}

/**
 * Readers of an export read every file, so a longer part removes the one it replaces immediately; no database depends
 * on its names.
 */
async function clearReplaced({ lake }: Pick<ExportPorts, 'lake'>, { world, blocks }: Scope): Promise<LakeLayout> {
  const { parts } = coverWorld(await lake.layout(), world).superseded
  await lake.remove(parts.filter(({ block }) => blocks.includes(block)).map(({ key }) => key))
  return await lake.layout()
}
