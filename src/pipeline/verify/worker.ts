import type { Config } from '../../config/schema.ts'
import { accountBlock } from '../../truth/account.ts'
import type { BlockTruth, TruthCut } from '../../truth/block-truth.ts'
import { buildWorld } from '../../world/world.ts'
import { serveTasks } from '../worker-side.ts'

type Open = { config: Config; cut: TruthCut; weeks: SharedArrayBuffer }

serveTasks<Open, number, BlockTruth>(async ({ config, cut, weeks }) => {
  const world = buildWorld(config, weeks)
  return async (block, send, stop) => {
    const truth = accountBlock(world, world.blocks[block], cut, stop)
    if (truth) send(truth)
  }
})
