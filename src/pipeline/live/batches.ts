import { FactWriter } from '../../encode/facts.ts'
import { type ByteSink, batchContent, batchKey, type Lake, type LakeLayout } from '../../ports/index.ts'
import type { ColumnBatch } from '../../simulator/column-batch.ts'
import { facts } from '../../tables/index.ts'
import type { Second } from '../../time.ts'
import { GENERATOR_VERSION, type World } from '../../world/world.ts'

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
