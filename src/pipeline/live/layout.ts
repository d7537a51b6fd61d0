import { FactWriter } from '../../encode/facts.ts'
import {
  type ByteSink,
  batchKey,
  type Cover,
  coverOf,
  type Lake,
  type LakeLayout,
  type Workspace,
} from '../../ports/index.ts'
import type { Batch } from '../../simulator/batch.ts'
import { facts } from '../../tables/index.ts'
import { formatSecond, type Second } from '../../time.ts'
import { GENERATOR_VERSION, type World } from '../../world/world.ts'

/** What a batch's files say they hold. */
export const batchContent = (from: Second, to: Second): string => `${formatSecond(from)} to ${formatSecond(to)}`

/** Puts the rows of [from, to) where readers see both tables together. `generation` undefined: a rolled batch. */
export async function writeBatch(
  lake: Lake,
  world: World,
  utc: boolean,
  generation: number | undefined,
  from: Second,
  to: Second,
  rows: Batch | undefined,
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
      const writer = new FactWriter(sink, world, name, utc, identity)
      if (rows) writer.add(rows)
      writer.close()
    },
  ])
  await lake.putFolder(key, Object.fromEntries(files))
  return key
}

/** Begins a generation: readers' glob needs one batch, so it begins with an empty one. */
export async function beginGeneration(
  lake: Lake,
  world: World,
  utc: boolean,
  layout: LakeLayout,
  at: Second,
): Promise<number> {
  const generation = layout.generation + 1
  await writeBatch(lake, world, utc, generation, at, at, undefined)
  return generation
}

/** What is no longer named by the database and has not been for ten minutes may go; a reader may still hold an older database open. */
const GRACE_MS = 10 * 60_000

/**
 * Remembers when things were replaced and removes them when nobody of ours reads and their time is over. The memory is a cache in
 * the workspace: without it the ten minutes begin again.
 */
export async function removeSuperseded(lake: Lake, workspace: Workspace, cover: Cover, now: number): Promise<number> {
  const keys = [...cover.superseded.parts, ...cover.superseded.batches].map(({ key }) => key)
  const known = parseSince(await workspace.load('superseded'))
  const since: Record<string, number> = {}
  for (const key of keys) since[key] = known[key] ?? now
  const due = (await workspace.isRead()) ? [] : keys.filter((key) => now - since[key] >= GRACE_MS)
  await lake.remove(due)
  for (const key of due) delete since[key]
  await workspace.save('superseded', Buffer.from(JSON.stringify(since)))
  return due.length
}

function parseSince(bytes: Buffer | undefined): Record<string, number> {
  try {
    return bytes ? (JSON.parse(bytes.toString()) as Record<string, number>) : {}
  } catch {
    return {}
  }
}

export const coverWorld = (layout: LakeLayout, world: World): Cover => coverOf(layout, world.from, world.blocks.length)
