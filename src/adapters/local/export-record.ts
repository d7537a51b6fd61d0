import { RetailError } from '../../errors.ts'
import { coverOf } from '../../ports/cover.ts'
import { whoseEvents } from '../../ports/damage.ts'
import type { EventSource, Progress } from '../../ports/index.ts'
import { sourceName } from '../../ports/source-name.ts'
import { parseDay, SECONDS_PER_DAY } from '../../time.ts'
import { folderLake } from './folder-lake.ts'

/**
 * Until when all files of an export are there; undefined if no day is in all of them, or the folder holds no export. Rejects
 * with `foreign_world` if its events are not those of the source.
 */
export async function exportProgress(folder: string, { world }: Pick<EventSource, 'world'>): Promise<Progress> {
  const identity = await folderLake(folder).identity()
  if (!identity?.export) return { since: undefined, position: undefined }
  const { format, hive, faults } = identity.export
  const owner = sourceName(identity.world, faults, undefined)
  if (owner !== world)
    throw new RetailError('foreign_world', `${folder} holds other events`, {
      why: whoseEvents(owner, world),
      hint: 'choose another folder',
    })
  const from = parseDay(identity.export.from ?? identity.historyFrom)!
  const layout = await folderLake(folder, { format, months: hive ? 'hive' : 'plain' }).layout()
  const { history } = coverOf(layout, from, identity.blocks)
  return { since: undefined, position: history > from * SECONDS_PER_DAY ? history : undefined }
}
