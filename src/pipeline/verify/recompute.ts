import type { Config } from '../../config/schema.ts'
import { sumOfFacts } from '../../tables/index.ts'
import { SECONDS_PER_DAY } from '../../time.ts'
import { accountBlock } from '../../truth/account.ts'
import type { BlockTruth, TruthCut } from '../../truth/block-truth.ts'
import { type Truth, totalTruth } from '../../truth/total.ts'
import type { Block } from '../../world/blocks.ts'
import { memoryOfWeeks, type World } from '../../world/world.ts'
import { estimateRows, shapeOf } from '../estimate.ts'
import { runBlocks } from '../workers.ts'
import { stopped } from './report.ts'

/** The expected data, block by block, in worker threads. `blocks`: of these only. */
export async function recompute(
  world: World,
  config: Config,
  cut: TruthCut,
  workers: number | undefined,
  signal: AbortSignal | undefined,
  blocks: readonly Block[] = world.blocks,
): Promise<Truth> {
  const truths: BlockTruth[] = []
  const period = { from: world.from, to: Math.floor(cut.raw / SECONDS_PER_DAY) }
  const stores = blocks.reduce((n, { lo, hi }) => n + hi - lo, 0)
  const isWhole = await runBlocks<BlockTruth>(
    { blocks },
    {
      worker: 'verify/worker',
      open: {
        config,
        cut,
        weeks: memoryOfWeeks(world, Math.ceil(Math.max(cut.raw, cut.marts ?? 0) / SECONDS_PER_DAY)),
      },
      rows: sumOfFacts(estimateRows(shapeOf(config), period, stores)),
      of: (block, stop) => accountBlock(world, block, cut, stop),
      onMessage: (truth) => truths.push(truth),
      ...{ workers, signal },
    },
  )
  if (!isWhole) throw stopped()
  return totalTruth(truths)
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
