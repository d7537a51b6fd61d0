import type { Config } from '../../config/schema.ts'
import { type BlockTally, type CompareJob, compareBlock } from '../../grade/compare-block.ts'
import { buildWorld } from '../../world/world.ts'
import { serveTasks } from '../worker-side.ts'

type Open = { config: Config; job: CompareJob; weeks: SharedArrayBuffer }

serveTasks<Open, number, BlockTally[]>(async ({ config, job, weeks }) => {
  const world = buildWorld(config, weeks)
  return async (block, send, stop) => {
    const tallies = compareBlock(world, world.blocks[block], job, stop)
    if (tallies) send(tallies)
  }
})
