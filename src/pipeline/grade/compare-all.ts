import type { Config } from '../../config/schema.ts'
import { type BlockTally, type CompareJob, compareBlock } from '../../grade/compare-block.ts'
import { type KeptRows, Sampling } from '../../grade/kept.ts'
import type { FactName } from '../../tables/index.ts'
import type { World } from '../../world/world.ts'
import { runBlocks } from '../run-blocks.ts'

/** The truth once, for all tables, in worker threads: adds to the tallies of each. False: stopped before the end. */
export async function compareAll(
  config: Config,
  world: World,
  sides: readonly { table: FactName; tallies: BlockTally[] }[],
  job: CompareJob,
  { workers, signal }: { workers?: number | undefined; signal?: AbortSignal | undefined },
): Promise<boolean> {
  const sampling = new Sampling(job.level, job.budget)
  const keptRows = () =>
    sides.reduce((n, { tallies }) => n + tallies.reduce((of, { kept }) => of + keptOf(kept, sampling), 0), 0)
  return await runBlocks<CompareJob, BlockTally[]>(world, {
    ...{ config, worker: 'grade/worker', of: compareBlock, job, end: job.days.end },
    onMessage(tallies) {
      for (const tally of tallies) sides.find(({ table }) => table === tally.table)!.tallies.push(tally)
      sampling.thin(keptRows(), keptRows)
      for (const { tallies } of sides) for (const tally of tallies) tally.kept = thinned(tally.kept, sampling)
    },
    ...{ workers, signal },
  })
}

const keptOf = (kept: KeptRows | undefined, sampling: Sampling): number =>
  kept?.spans.reduce((n, { index, length }) => n + (sampling.keeps(index) ? length : 0), 0) ?? 0

/** Rows of a piece go when none of its store-days is kept any more. */
function thinned(kept: KeptRows | undefined, sampling: Sampling): KeptRows | undefined {
  const spans = kept?.spans.filter(({ index, length }) => {
    const keeps = sampling.keeps(index)
    if (!keeps) sampling.count(-length)
    return keeps
  })
  return kept && spans && spans.length > 0 ? { ...kept, spans } : undefined
}
