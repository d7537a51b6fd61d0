import os from 'node:os'
import { setFlagsFromString } from 'node:v8'
import { Worker } from 'node:worker_threads'
import { type ErrorCode, errnoOf, RetailError } from '../errors.ts'

/** A worker thread runs the built file: Node 20 cannot load TypeScript, so from source (tests) its twin in dist is taken. */
function workerUrl(name: string): URL {
  const url = new URL(`./${name}.js`, import.meta.url)
  return import.meta.url.endsWith('.ts') ? new URL(`../../dist/src/pipeline/${name}.js`, import.meta.url) : url
}

/** Cores, but no more threads than there is work. */
export const workerCount = (asked: number | undefined, tasks: number): number =>
  Math.max(1, Math.min(tasks, asked ?? os.availableParallelism()))

export interface WorkerError {
  code: ErrorCode | undefined
  message: string
  why?: string
  hint?: string
  stack?: string
}

/** Errors lose their class between threads; this is what goes across. */
export const packError = (error: unknown): WorkerError =>
  error instanceof RetailError
    ? { code: error.code, message: error.message, why: error.why, hint: error.hint }
    : { code: undefined, message: String(error), stack: error instanceof Error ? error.stack : undefined }

function unpackError({ code, message, why, hint, stack }: WorkerError): Error {
  if (code) return new RetailError(code, message, { why, hint })
  return Object.assign(new Error(message), { stack: stack ?? message })
}

const lost = (why: unknown): RetailError =>
  new RetailError('failed', 'a worker thread ended before its work was done', {
    why: `the system may have taken its memory (${why instanceof Error ? why.message : why})`,
    hint: 'run the same command again, with fewer --workers where memory is short; what was finished before is kept',
  })

export type FromWorker<Message> =
  | { kind: 'ready' }
  | { kind: 'message'; message: Message }
  | { kind: 'done' }
  | { kind: 'error'; error: WorkerError }

export interface PoolOptions<Task, Message> {
  /** module beside this one, without its ending */
  worker: string
  /** what each worker is opened with */
  open: object
  /** may come later than the threads: they take a while to start */
  tasks: readonly Task[] | Promise<readonly Task[]>
  workers: number
  onMessage: (message: Message, task: Task) => void
  /** on abort tasks in hand are told to stop, and no further one begins */
  signal?: AbortSignal | undefined
}

/** Hands tasks to worker threads, one at a time each. Resolves when all are done or stopped; the first error ends all. */
export async function runPool<Task, Message>({
  worker,
  open,
  tasks,
  workers,
  onMessage,
  signal,
}: PoolOptions<Task, Message>): Promise<void> {
  let queue: Task[] = []
  const given = Promise.resolve(tasks).then((all) => void (queue = [...all]))
  const stop = new Int32Array(new SharedArrayBuffer(4))
  const onAbort = () => Atomics.store(stop, 0, 1)
  if (signal?.aborted) onAbort()
  signal?.addEventListener('abort', onAbort)
  const threads: Worker[] = []
  // A worker that ends while another thread compiles for it can take the process down ("Assertion failed: (data.first) != nullptr":
  // Node takes its isolate from the platform before V8 has waited for its jobs). All cores being at work, it costs no time.
  setFlagsFromString('--no-concurrent-recompilation')
  const runOne = () =>
    new Promise<void>((resolve, reject) => {
      const thread = new Worker(workerUrl(worker), {
        workerData: { ...open, stop },
        execArgv: [],
        // Rows live in typed arrays; the young heap would only grow to what garbage of pages lets it. 10 to 25 MB a run.
        resourceLimits: { maxYoungGenerationSizeMb: 8 },
      })
      threads.push(thread)
      let task: Task | undefined
      const next = () => {
        task = Atomics.load(stop, 0) === 1 ? undefined : queue.shift()
        if (task === undefined) resolve()
        else thread.postMessage(task)
      }
      thread.on('message', (from: FromWorker<Message>) => {
        if (from.kind === 'message') onMessage(from.message, task as Task)
        else if (from.kind === 'error') reject(unpackError(from.error))
        else given.then(next, reject)
      })
      thread.on('error', (error) => reject(errnoOf(error) === 'ERR_WORKER_OUT_OF_MEMORY' ? lost(error) : error))
      thread.on('exit', (code) => reject(lost(`exit ${code}`)))
    })
  try {
    await Promise.all([given, ...Array.from({ length: workers }, runOne)])
  } finally {
    signal?.removeEventListener('abort', onAbort)
    await Promise.all(threads.map((thread) => thread.removeAllListeners('exit').terminate()))
  }
}
