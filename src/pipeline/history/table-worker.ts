import { openHistoryTables, openWorkspace } from '../../adapters/open.ts'
import type { Config } from '../../config/schema.ts'
import type { PostgresPlace } from '../../config/where.ts'
import { buildWorld } from '../../world/world.ts'
import { sourceOf } from '../live/destination-sink.ts'
import { serveTasks } from '../worker-side.ts'
import { NO_SNAPSHOTS } from './snapshots.ts'
import { runTableTask, type TableMessage, type TableTask } from './table-task.ts'

/** A stop ends the wait for a database that is away. */
const STOP_MS = 200

serveTasks<
  { config: Config; place: PostgresPlace; hasWorkspace: boolean; weeks: SharedArrayBuffer },
  TableTask,
  TableMessage
>(async ({ config, place, hasWorkspace, weeks }) => {
  const world = buildWorld(config, weeks)
  const snapshots = hasWorkspace ? await openWorkspace(config) : NO_SNAPSHOTS
  return async (task, send, stop) => {
    const stopped = new AbortController()
    const timer = setInterval(() => stop() && stopped.abort(), STOP_MS)
    try {
      await using tables = await openHistoryTables(place, sourceOf(world), stopped.signal)
      await runTableTask(task, { world, tables, snapshots, stop, send })
    } finally {
      clearInterval(timer)
    }
  }
})
