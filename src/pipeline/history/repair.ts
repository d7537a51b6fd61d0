import type { Config } from '../../config/schema.ts'
import { readFooter } from '../../encode/footer.ts'
import { batchKey, type Cover, type Batch as LakeBatch, type LakeLayout, type Ports } from '../../ports/index.ts'
import { Batch } from '../../simulator/batch.ts'
import { HeldTimeline } from '../../simulator/hold.ts'
import { facts } from '../../tables/index.ts'
import { SECONDS_PER_DAY, type Second } from '../../time.ts'
import type { World } from '../../world/world.ts'
import { batchContent, coverWorld, writeBatch } from '../live/layout.ts'
import { stateAt } from './snapshots.ts'

/** What is wrong with a file of a batch; undefined when it is whole. Rolled batches are DuckDB's and carry no checksum of ours. */
export async function batchDamage(
  { lake }: Pick<Ports, 'lake'>,
  batch: LakeBatch,
  table: string,
): Promise<string | undefined> {
  let bytes: Buffer
  try {
    bytes = await lake.read(`${batch.key}/${table}.parquet`)
  } catch {
    return 'it is not there'
  }
  const footer = readFooter(bytes)
  if (typeof footer === 'string')
    return batch.generation === undefined && footer === 'it was not written by retail' ? undefined : footer
  const { 'retail.table': holds, 'retail.content': content } = footer.metadata
  return holds === table && content === batchContent(batch.from, batch.to)
    ? undefined
    : `it holds ${holds} of ${content}`
}

/** Makes missing and damaged live batches again from the timeline. Returns their names. Holds the lake's lock. */
export async function repairLive(ports: Ports, world: World, config: Config, layout: LakeLayout): Promise<string[]> {
  const cover = coverWorld(layout, world)
  const damaged: LakeBatch[] = []
  for (const batch of [...cover.batches, ...cover.open]) {
    for (const { name } of facts) {
      if (await batchDamage(ports, batch, name)) {
        damaged.push(batch)
        break
      }
    }
  }
  const ranges = [
    ...damaged.map(({ key, from, to }) => ({ key, from, to })),
    ...cover.gaps
      .flatMap(({ from, to }) => days(from, to))
      .map(({ from, to }) => ({ key: keyForGap(layout, cover, from, to), from, to })),
  ].sort((a, b) => a.from - b.from)
  const utc = config.target === 'gcp'
  for (const { key, from, to } of ranges) {
    const rows = await rowsOf(ports, world, from, to)
    await ports.lake.remove([key])
    await writeBatch(ports.lake, world, utc, generationOf(key), from, to, rows)
  }
  return ranges.map(({ key }) => key)
}

/** Inside the open generation a gap is filled there, as that generation is read whole; elsewhere by a rolled batch. */
function keyForGap(layout: LakeLayout, cover: Cover, from: Second, to: Second): string {
  const openFrom = cover.open[0]?.from ?? Number.POSITIVE_INFINITY
  return batchKey(from >= openFrom ? layout.generation : undefined, from, to)
}

const generationOf = (key: string): number | undefined =>
  key.startsWith('live/') ? Number(key.split('/')[1]) : undefined

/** Cut at midnights: history may take over at any of them. */
export function days(from: Second, to: Second): { from: Second; to: Second }[] {
  const cuts = []
  for (let at = from; at < to; ) {
    const end = Math.min(to, (Math.floor(at / SECONDS_PER_DAY) + 1) * SECONDS_PER_DAY)
    cuts.push({ from: at, to: end })
    at = end
  }
  return cuts
}

async function rowsOf({ workspace }: Ports, world: World, from: Second, to: Second): Promise<Batch> {
  const hour = Math.floor(from / 3600)
  const travellers = await Promise.all(world.blocks.map((block) => stateAt(world, block, hour, workspace)))
  const rows = new Batch(world.schema === 'extended')
  new HeldTimeline(world, travellers, from).advanceTo(to, rows)
  return rows
}
