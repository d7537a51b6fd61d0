import { parentPort, workerData } from 'node:worker_threads'
import { onTrouble, stopWaiting } from '../outages.ts'
import { explainSystemError } from '../system-errors.ts'
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
