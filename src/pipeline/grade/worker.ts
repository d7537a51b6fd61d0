import type { Config } from '../../config/schema.ts'
import { type BlockTally, type CompareJob, compareBlock } from '../../grade/compare-block.ts'
import { buildWorld } from '../../world/world.ts'
import { serveTasks } from '../worker-side.ts'

serveTasks<{ config: Config; job: CompareJob }, number, BlockTally[]>(async ({ config, job }) => {
  const world = buildWorld(config)
  return async (block, send, stop) => {
    const tallies = compareBlock(world, world.blocks[block], job, stop)
    if (tallies) send(tallies)
  }
})
