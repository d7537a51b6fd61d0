import { clock, hasPassed, type Moment } from '../../clock.ts'
import { type Cover, coverOf, type LakeBatch, type LakeLayout, type Ports } from '../../ports/index.ts'
import { batchKeys } from '../../ports/layout.ts'
import { dimensionsOf } from '../../tables/index.ts'
import type { World } from '../../world/world.ts'

/** Milliseconds for which a replaced database stays readable. */
const GRACE_MS = 10 * 60_000

/**
 * Removes what was replaced. Call it after the publish of the database that names the successors.
 *
 * - A part or a rolled batch is removed immediately: databases and our own readers use its second name, and another reader
 *   of the folder must find each row once.
 * - Second names, and live batches, which databases read by their first name, are removed when no process of ours reads them
 *   and ten minutes have passed, by a clock that nobody sets; after a reboot, they are removed immediately, because no
 *   reader survives it. The times are a cache in the workspace: without it, the ten minutes start again.
 */
export async function removeSuperseded(
  { lake, workspace }: Pick<Ports, 'lake' | 'workspace'>,
  world: World,
): Promise<number> {
  const layout = await lake.layout()
  const { longParts, superseded } = coverWorld(layout, world)
  const { parts, batches } = superseded
  // While an extension is interrupted, the logs of tables name the parts that it is to replace.
  const extending = longParts.length > 0
  const kept = extending ? [] : superseded.kept
  const isRolled = ({ generation }: LakeBatch) => generation === undefined
  const inTables = [...parts.map(({ key }) => key), ...batches.filter(isRolled).flatMap(batchKeys)]
  const atOnce = layout.kept ? inTables : []
  await lake.remove(atOnce)
  const live = batches.filter((batch) => !isRolled(batch)).map(({ key }) => key)
  const waiting = [...(layout.kept || extending ? [] : inTables), ...live, ...kept]
  const known = parseSince(await workspace.load('superseded'))
  const now = clock.moment()
  const since = Object.fromEntries(waiting.map((key) => [key, known[key] ?? now]))
  const isRead = waiting.length > 0 && (await workspace.isRead())
  const due = isRead ? [] : waiting.filter((key) => hasPassed(since[key], GRACE_MS, now))
  await lake.remove(due)
  for (const key of due) delete since[key]
  if (waiting.length > 0 || Object.keys(known).length > 0)
    await workspace.save('superseded', Buffer.from(JSON.stringify(since)))
  return atOnce.length + due.length
}

function parseSince(bytes: Buffer | undefined): Record<string, Moment> {
  try {
    const known = Object.entries(bytes ? (JSON.parse(bytes.toString()) as Record<string, Moment>) : {})
    // An older build recorded times of the system clock.
    return Object.fromEntries(known.filter(([, since]) => typeof since?.ms === 'number'))
  } catch {
    return {}
  }
}

/** Whether the lake has every dimension of the world. */
export const hasDimensions = ({ dimensions }: LakeLayout, { schema }: World): boolean =>
  dimensionsOf(schema).every(({ name }) => dimensions[name])

export const coverWorld = (layout: LakeLayout, world: World): Cover => coverOf(layout, world.from, world.blocks.length)
