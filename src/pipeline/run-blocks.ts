import type { Config } from '../config/schema.ts'
import { sumOfFacts } from '../tables/index.ts'
import type { Day } from '../time.ts'
import type { Block } from '../world/blocks.ts'
import { memoryOfWeeks, type World } from '../world/world.ts'
import { estimateRows } from './estimate.ts'
import type { BlocksOpen, BlockWork } from './worker-side.ts'
import { type RunOptions, runPool, workerCount } from './workers.ts'

export interface BlocksOptions<Job, Message> extends RunOptions<number, Message> {
  config: Config
  /** A module beside this one, without its extension, which serves `of` with `serveBlocks`. */
  worker: string
  of: BlockWork<Job, Message>
  job: Job
  /** The day after the last one that is simulated. */
  end: Day
  /** Default: all of the world. */
  blocks?: readonly Block[] | undefined
  workers: number | undefined
}

/** A message for each block of a world, in any order. False: stopped before the last one. */
export async function runBlocks<Job, Message>(
  world: World,
  { config, worker, of, job, end, blocks = world.blocks, workers, onMessage, signal }: BlocksOptions<Job, Message>,
): Promise<boolean> {
  const stores = blocks.reduce((n, { lo, hi }) => n + hi - lo, 0)
  const { from, linesPerStoreDay, counts } = world
  const shape = { stores: counts.store, products: counts.product, linesPerStoreDay, begins: from }
  const rows = sumOfFacts(estimateRows(shape, { from, to: end - 1 }, stores))
  let done = 0
  await runPool<number, Message>({
    worker,
    open: { config, job, weeks: memoryOfWeeks(world, end) } satisfies BlocksOpen<Job>,
    tasks: blocks.map(({ index }) => index),
    workers: workerCount(workers, blocks.length, rows),
    rows,
    async here(index, send, stop) {
      const message = of(world, world.blocks[index], job, stop)
      if (message !== undefined) send(message)
    },
    onMessage(message, index) {
      done++
      onMessage(message, index)
    },
    signal,
  })
  return done === blocks.length
}
