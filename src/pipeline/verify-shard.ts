import type { Config } from '../config/schema.ts'
import { RetailError } from '../errors.ts'
import { type Ports, type Shard, shardName } from '../ports/index.ts'
import { byFact } from '../tables/index.ts'
import { rowsIn } from '../truth/total.ts'
import { VERSION } from '../version.ts'
import type { World } from '../world/world.ts'
import { readDelivered } from './delivery/delivered.ts'
import { checkFiles } from './verify/files.ts'
import { type Measures, measure } from './verify/measures.ts'
import { notYet } from './verify/not-yet.ts'
import { begun, recompute } from './verify/recompute.ts'
import { relationsOf } from './verify/relations.ts'
import { cutText, type VerifyShardResult } from './verify/result.ts'
import { shardKey, writeShard } from './verify/shard-file.ts'
import { type Share, shareOf } from './verify/share.ts'
import { enterVerify, type Standing, standingOf } from './verify/standing.ts'

export interface VerifyShardOptions {
  shard: Shard
  quick?: boolean
  workers?: number
  signal?: AbortSignal
}

/** Measures one shard's part of what `verify` compares, and writes it to the lake. `verify` with `merge` judges. */
export async function verifyShard(
  ports: Ports,
  config: Config,
  { shard, quick = false, workers, signal }: VerifyShardOptions,
): Promise<VerifyShardResult> {
  const start = performance.now()
  const { world, published } = await enterVerify(ports, config)
  await using _reading = await ports.workspace.reading()
  const standing = await standingOf(ports, world, published)
  const { cut, cover } = standing
  if (ports.live.by === 'broker') {
    const { delivered } = await readDelivered(ports, ports.live, world, true)
    cut.raw = delivered.cut.live
    cut.model = cut.marts
  }
  const share = shareOf(world, shard)
  await using early = begun(
    async (stop) =>
      share.blocks.length > 0 ? await recompute(world, config, cut, workers, stop, share.blocks) : undefined,
    signal,
  )
  let read = 0
  const reads = (key: string) => {
    const own = !quick && share.reads(key)
    if (own) read++
    return own
  }
  const { differences } = await checkFiles(ports, world, standing.raw, quick, reads)
  const damaged = differences.flatMap(({ file }) => (file !== undefined && !quick && share.reads(file) ? [file] : []))
  const measures = await measureShare(ports, world, standing, { share, quick, signal })
  const truth = await early.done
  await writeShard(ports.lake, {
    ...{ shard, version: VERSION, world: world.id, quick, cover, cut, damaged, truth, measures },
  })
  return {
    world: world.id,
    shard: shardName(shard),
    quick,
    raw: cutText({ ...standing.shown, live: cut.raw }),
    marts: published.marts && cutText(published.marts),
    stores: share.hi - share.lo,
    rows: truth ? rowsIn(truth) : byFact(() => 0),
    files: { read, damaged },
    measured: measures !== undefined,
    file: `${ports.lake.location}/${shardKey(shard)}`,
    seconds: (performance.now() - start) / 1000,
  }
}

/** Undefined if the merge must ask the warehouse. */
async function measureShare(
  ports: Ports,
  world: World,
  { cut, published }: Standing,
  { share, quick, signal }: { share: Share; quick: boolean; signal: AbortSignal | undefined },
): Promise<Measures | undefined> {
  const { warehouse } = ports
  // Each shard would pay for the rows of all others; and the database is a cluster itself.
  if (warehouse.traits.billed) return undefined
  try {
    await using reader = await warehouse.reader('lake')
    const where = await notYet(ports, world, cut.raw, reader.dialect)
    const raw = relationsOf(reader.dialect, { end: undefined, where, only: share.condition })
    return await measure({ ports, world, reader, raw, cut, quick, share }, published.marts !== undefined)
  } catch (error) {
    if (signal?.aborted || (error instanceof RetailError && error.code !== 'damaged')) throw error
    // A damaged file makes queries fail. The merge asks again, and reports what fails then.
    return undefined
  }
}
