import type { Config } from '../../config/schema.ts'
import { type AggregateJob, type Totals, totalsOfBlock } from '../../grade/aggregate/truth.ts'
import { buildWorld } from '../../world/world.ts'
import { serveTasks } from '../worker-side.ts'

serveTasks<{ config: Config; job: AggregateJob }, number, Totals>(async ({ config, job }) => {
  const world = buildWorld(config)
  return async (block, send, stop) => {
    const totals = totalsOfBlock(world, world.blocks[block], job, stop)
    if (totals) send(totals)
  }
})
