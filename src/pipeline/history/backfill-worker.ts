import { openWorkerPorts } from '../../adapters/open.ts'
import type { Config } from '../../config/schema.ts'
import { ColumnBatch } from '../../simulator/column-batch.ts'
import { buildWorld } from '../../world/world.ts'
import { serveTasks } from '../worker-side.ts'
import { type BlockTask, type FaultyPlace, faultsOf, type PartDone, runBlockTask } from './block-task.ts'

type Open = { config: Config; out?: FaultyPlace; weeks: SharedArrayBuffer }

serveTasks<Open, BlockTask, PartDone>(async ({ config, out, weeks }) => {
  const world = buildWorld(config, weeks)
  const { lake, workspace } = await openWorkerPorts(config, out)
  const faults = out && faultsOf(out)
  const scratch = new ColumnBatch(world.schema === 'extended')
  return (task, onPart, stop) => runBlockTask(task, { config, world, lake, workspace, scratch, stop, onPart, faults })
})
