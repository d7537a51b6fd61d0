import { openWorkerPorts } from '../../adapters/open.ts'
import type { Config } from '../../config/schema.ts'
import { buildWorld } from '../../world/world.ts'
import { serveTasks } from '../worker-side.ts'
import { type PrintTask, runPrintTask } from './print-task.ts'
import type { Filled } from './ring-buffer.ts'

serveTasks<{ config: Config; weeks: SharedArrayBuffer }, PrintTask, Filled>(async ({ config, weeks }) => {
  const world = buildWorld(config, weeks)
  const { workspace } = await openWorkerPorts(config)
  return (task, send, stop) => runPrintTask(task, { world, workspace, send, stop })
})
