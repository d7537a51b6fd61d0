import { parentPort, workerData } from 'node:worker_threads'
import type { Config } from '../config/schema.ts'
import { onTrouble, stopWaiting } from '../outages.ts'
import { explainSystemError } from '../system-errors.ts'
import type { Block } from '../world/blocks.ts'
import { buildWorld, type World } from '../world/world.ts'
import { packError } from './workers.ts'

const LOOK_MS = 250

/** The worker's end of runPool: takes tasks until the pool closes. */
export function serveTasks<Open, Task, Message>(
  prepare: (
    open: Open,
  ) => Promise<(task: Task, send: (message: Message) => void, stop: () => boolean) => Promise<void>>,
): void {
  const port = parentPort!
  const stop = (workerData as { stop: Int32Array }).stop
  const fail = (error: unknown) => port.postMessage({ kind: 'error', error: packError(explainSystemError(error)) })
  onTrouble((why) => port.postMessage({ kind: 'trouble', why }))
  const isStopped = () => Atomics.load(stop, 0) === 1
  const looking = setInterval(() => {
    if (!isStopped()) return
    clearInterval(looking)
    stopWaiting()
  }, LOOK_MS).unref()
  prepare(workerData as Open).then((run) => {
    port.on('message', (task: Task) => {
      run(task, (message) => port.postMessage({ kind: 'message', message }), isStopped).then(
        () => port.postMessage({ kind: 'done' }),
        fail,
      )
    })
    port.postMessage({ kind: 'ready' })
  }, fail)
}

/** The work on a block; undefined if it was told to stop. */
export type BlockWork<Job, Message> = (world: World, block: Block, job: Job, stop: () => boolean) => Message | undefined

export interface BlocksOpen<Job> {
  config: Config
  job: Job
  /** Memory in which the threads share tables. */
  weeks: SharedArrayBuffer
}

/** The worker's end of runBlocks: a message for each block. */
export function serveBlocks<Job, Message>(of: BlockWork<Job, Message>): void {
  serveTasks<BlocksOpen<Job>, number, Message>(async ({ config, job, weeks }) => {
    const world = buildWorld(config, weeks)
    return async (index, send, stop) => {
      const message = of(world, world.blocks[index], job, stop)
      if (message !== undefined) send(message)
    }
  })
}
