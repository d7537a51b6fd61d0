import { clock, hasPassed, type Moment } from '../../clock.ts'
import { FactWriter } from '../../encode/facts.ts'
import {
  type ByteSink,
  batchKey,
  type Cover,
  coverOf,
  type Lake,
  type LakeLayout,
  type Ports,
} from '../../ports/index.ts'
import type { ColumnBatch } from '../../simulator/column-batch.ts'
import { facts } from '../../tables/index.ts'
import { formatSecond, type Second } from '../../time.ts'
import { GENERATOR_VERSION, type World } from '../../world/world.ts'

/** The recorded content of a batch's files. */
export const batchContent = (from: Second, to: Second): string => `${formatSecond(from)} to ${formatSecond(to)}`

/** Writes the rows of [from, to) so that readers see both tables together. `generation` undefined: a rolled batch. */
export async function writeBatch(
  lake: Lake,
  world: World,
  generation: number | undefined,
  from: Second,
  to: Second,
  rows: ColumnBatch | undefined,
): Promise<string> {
  const key = batchKey(generation, from, to)
  const identity = {
    world: world.id,
    generator: GENERATOR_VERSION,
    content: batchContent(from, to),
  }
  const files = facts.map(({ name }) => [
    `${name}.parquet`,
    (sink: ByteSink) => {
      const writer = new FactWriter(sink, world, name, lake.traits.timestamps === 'utc', identity)
      if (rows) writer.add(rows)
      writer.close()
    },
  ])
  await lake.putFolder(key, Object.fromEntries(files))
  return key
}

/** Starts a generation with an empty batch, because the readers' pattern must match at least one. */
export async function beginGeneration(lake: Lake, world: World, layout: LakeLayout, at: Second): Promise<number> {
  const generation = layout.generation + 1
  await writeBatch(lake, world, generation, at, at, undefined)
  return generation
}

/** Milliseconds for which a replaced database stays readable. */
const GRACE_MS = 10 * 60_000

/**
 * Removes what was replaced. Call it after the publish of the database that names the successors.
 *
 * - A part is removed immediately: databases and our own readers use its second name, and another reader of the folder
 *   must find each row once.
 * - Second names, and batches, which databases read by their first name, are removed when no process of ours reads them
 *   and ten minutes have passed, by a clock that nobody sets; after a reboot, they are removed immediately, because no
 *   reader survives it. The times are a cache in the workspace: without it, the ten minutes start again.
 */
export async function removeSuperseded(
  { lake, workspace }: Pick<Ports, 'lake' | 'workspace'>,
  world: World,
): Promise<number> {
  const layout = await lake.layout()
  const { parts, batches, kept } = coverWorld(layout, world).superseded
  const atOnce = layout.kept ? parts.map(({ key }) => key) : []
  await lake.remove(atOnce)
  const waiting = [...(layout.kept ? [] : parts), ...batches].map(({ key }) => key).concat(kept)
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

export const coverWorld = (layout: LakeLayout, world: World): Cover => coverOf(layout, world.from, world.blocks.length)
