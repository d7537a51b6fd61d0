import type { Config } from '../../config/schema.ts'
import { sumOfFacts } from '../../tables/index.ts'
import { SECONDS_PER_DAY } from '../../time.ts'
import { accountBlock } from '../../truth/account.ts'
import type { BlockTruth, TruthCut } from '../../truth/block-truth.ts'
import { type Truth, totalTruth } from '../../truth/total.ts'
import type { World } from '../../world/world.ts'
import { estimateRows, shapeOf } from '../estimate.ts'
import { runBlocks } from '../workers.ts'
import { stopped } from './report.ts'

/** The expected data, block by block, in worker threads. */
export async function recompute(
  world: World,
  config: Config,
  cut: TruthCut,
  workers: number | undefined,
  signal: AbortSignal | undefined,
): Promise<Truth> {
  const blocks: BlockTruth[] = []
  const isWhole = await runBlocks<BlockTruth>(world, {
    worker: 'verify/worker',
    open: { config, cut },
    rows: sumOfFacts(estimateRows(shapeOf(config), { from: world.from, to: Math.floor(cut.raw / SECONDS_PER_DAY) })),
    of: (block, stop) => accountBlock(world, block, cut, stop),
    onMessage: (block) => blocks.push(block),
    ...{ workers, signal },
  })
  if (!isWhole) throw stopped()
  return totalTruth(blocks)
}

/**
 * Work that starts in advance and whose result is requested later; if the result is not needed, the work is stopped and
 * awaited.
 */
export function begun<T>(work: (stop: AbortSignal) => Promise<T>, signal: AbortSignal | undefined) {
  const unwanted = new AbortController()
  const done = work(AbortSignal.any([unwanted.signal, ...(signal ? [signal] : [])]))
  // The error is reported when the result is requested.
  done.catch(() => {})
  return {
    done,
    async [Symbol.asyncDispose]() {
      unwanted.abort()
      // It is stopped, or its error was reported.
      await done.catch(() => {})
    },
  }
}
