import { FactWriter } from '../../encode/facts.ts'
import { type ByteSink, batchContent, batchKey, type Lake, type LakeLayout } from '../../ports/index.ts'
import { batchFile, recordKey } from '../../ports/layout.ts'
import { sealed } from '../../ports/sealed.ts'
import type { ColumnBatch } from '../../simulator/column-batch.ts'
import { type FactName, facts } from '../../tables/index.ts'
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
  const filler = (name: FactName) => (sink: ByteSink) => {
    const writer = new FactWriter(sink, world, name, lake.traits.timestamps === 'utc', identity)
    if (rows) writer.add(rows)
    writer.close()
  }
  if (generation === undefined) {
    // These files contain their own checksums.
    const record = Buffer.from(sealed({ content: identity.content, world: world.id }))
    await lake.put(recordKey(key), (sink) => sink.write([record]))
    for (const { name } of facts) await lake.put(batchFile({ key, from, to, generation }, name), filler(name))
  } else await lake.putFolder(key, Object.fromEntries(facts.map(({ name }) => [`${name}.parquet`, filler(name)])))
  return key
}

/** Starts a generation with an empty batch, because the readers' pattern must match at least one. */
export async function beginGeneration(lake: Lake, world: World, layout: LakeLayout, at: Second): Promise<number> {
  const generation = layout.generation + 1
  await writeBatch(lake, world, generation, at, at, undefined)
  return generation
}
