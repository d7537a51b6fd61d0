import type { Config } from '../../config/schema.ts'
import { accountBlock } from '../../truth/account.ts'
import { type BlockTruth, endOf, type TruthCut } from '../../truth/block-truth.ts'
import { type Truth, totalTruth } from '../../truth/total.ts'
import type { Block } from '../../world/blocks.ts'
import type { World } from '../../world/world.ts'
import { runBlocks } from '../run-blocks.ts'
import { stopped } from './report.ts'

/** The expected data, block by block, in worker threads. `blocks`: of these only. */
export async function recompute(
  world: World,
  config: Config,
  cut: TruthCut,
  workers: number | undefined,
  signal: AbortSignal | undefined,
  blocks?: readonly Block[],
): Promise<Truth> {
  const truths: BlockTruth[] = []
  const isWhole = await runBlocks<TruthCut, BlockTruth>(world, {
    ...{ config, worker: 'verify/worker', of: accountBlock, job: cut, end: endOf(cut) },
    onMessage: (truth) => truths.push(truth),
    ...{ blocks, workers, signal },
  })
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
