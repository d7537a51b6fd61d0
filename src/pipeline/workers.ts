import { on } from 'node:events'
import os from 'node:os'
import { Worker } from 'node:worker_threads'
import type { Advice } from '../advice.ts'
import { type ErrorCode, errnoOf, RetailError } from '../errors.ts'
import { noteTrouble } from '../outages.ts'
import { setV8Flags } from './v8-flags.ts'

/**
 * A worker thread runs a built file: Node 20 cannot load TypeScript, so a run from source (tests) uses dist, too. With
 * few rows to generate, it starts from the bundled program, because V8 has compiled that. With many, from the modules:
 * they run faster, because V8 knows the constants of a module, and the bundler makes variables of them.
 */
function workerUrl(name: string, rows: number): URL {
  const file = rows <= FEW_ROWS ? `program/workers/${name}.js` : `src/pipeline/${name}.js`
  const dist = import.meta.url.endsWith('.ts') ? '../../dist/' : '../../'
  return new URL(`${dist}${file}`, import.meta.url)
}

/** [M] The bundle saves a quarter of a second of CPU time, and then takes a tenth more for each row. */
const FEW_ROWS = 4_000_000

/** [M] A thread takes a quarter of a second of CPU time to start: as much as this many rows. */
const ROWS_OF_A_START = 500_000

/**
 * One thread per core, but no more threads than tasks, or than pay for their start if the number of rows is known. 0
 * means no threads: the calling thread does all the work.
 */
export function workerCount(asked: number | undefined, tasks: number, rows = Number.POSITIVE_INFINITY): number {
  if (asked === 0) return 0
  const useful = Math.min(os.availableParallelism(), Math.ceil(rows / ROWS_OF_A_START))
  return Math.max(1, Math.min(tasks, asked ?? useful))
}

export interface WorkerError {
  code: ErrorCode | undefined
  message: string
  why?: string
  hint?: Advice
  stack?: string
}

/** Errors lose their class between threads; these fields survive. */
export const packError = (error: unknown): WorkerError =>
  error instanceof RetailError
    ? { code: error.code, message: error.message, why: error.why, hint: error.advice }
    : { code: undefined, message: String(error), stack: error instanceof Error ? error.stack : undefined }

function unpackError({ code, message, why, hint, stack }: WorkerError): Error {
  if (code) return new RetailError(code, message, { why, hint })
  return Object.assign(new Error(message), { stack: stack ?? message })
}

const lost = (why: unknown): RetailError =>
  new RetailError('failed', 'a worker thread ended before its work was done', {
    why: `the system may have run out of memory (${why instanceof Error ? why.message : why})`,
    hint: 'run the same command again, with fewer --workers if memory is short; finished work is kept',
  })

export type FromWorker<Message> =
  | { kind: 'ready' }
  | { kind: 'message'; message: Message }
  /** Why a call of the thread is repeated. */
  | { kind: 'trouble'; why: string | undefined }
  | { kind: 'done' }
  | { kind: 'error'; error: WorkerError }

export interface PoolOptions<Task, Message> {
  /** A module beside this one, without its extension. */
  worker: string
  /** The data with which each worker starts. */
  open: object
  workers: number
  /** About how many rows its tasks will generate. Unknown: many. */
  rows?: number
  /** How a worker handles a task; without workers, this thread does it. */
  here?: (task: Task, send: (message: Message) => void, stop: () => boolean) => Promise<void>
}

export interface RunOptions<Task, Message> {
  onMessage: (message: Message, task: Task) => void
  /** On abort, current tasks are told to stop, and no other task starts. */
  signal?: AbortSignal | undefined
}

/**
 * Threads that start when the pool is opened and end after its one run. Disposing the pool ends them, whatever they are
 * doing.
 */
export interface Pool<Task, Message> extends AsyncDisposable {
  /** Hands out tasks, one at a time per thread. Resolves when all are done or stopped; the first error ends all. */
  run(tasks: readonly Task[], options: RunOptions<Task, Message>): Promise<void>
}

/** Opens a pool and runs it. */
export async function runPool<Task, Message>({
  tasks,
  onMessage,
  signal,
  ...options
}: PoolOptions<Task, Message> & RunOptions<Task, Message> & { tasks: readonly Task[] }): Promise<void> {
  await using pool = openPool<Task, Message>(options)
  await pool.run(tasks, { onMessage, signal })
}

export function openPool<Task, Message>(options: PoolOptions<Task, Message>): Pool<Task, Message> {
  const { worker, open, workers, rows = Number.POSITIVE_INFINITY, here } = options
  if (workers === 0 && here) return poolOfThisThread(here)
  setV8Flags()
  const stop = new Int32Array(new SharedArrayBuffer(4))
  const threads = Array.from({ length: workers }, () => openThread<Message>(workerUrl(worker, rows), { ...open, stop }))
  const end = async () => void (await Promise.all(threads.map((thread) => thread.end())))
  return {
    async run(tasks, { onMessage, signal }) {
      const queue = [...tasks]
      const take = () => (Atomics.load(stop, 0) === 1 ? undefined : queue.shift())
      const onAbort = () => Atomics.store(stop, 0, 1)
      if (signal?.aborted) onAbort()
      signal?.addEventListener('abort', onAbort)
      try {
        await Promise.all(threads.map((thread) => work(thread, take, onMessage)))
      } finally {
        signal?.removeEventListener('abort', onAbort)
        await end()
      }
    },
    [Symbol.asyncDispose]: end,
  }
}

interface Thread<Message> {
  /** All messages of a worker, from the first one on. Throws what the worker threw, or that it ended. */
  words(): AsyncIterable<FromWorker<Message>>
  give(task: unknown): void
  end(): Promise<unknown>
}

function openThread<Message>(file: URL, workerData: object): Thread<Message> {
  const thread = new Worker(file, {
    workerData,
    execArgv: [],
    // Rows live in typed arrays; the young generation of the heap would only fill with garbage from pages. This saves
    // 10 to 25 MB.
    resourceLimits: { maxYoungGenerationSizeMb: 8 },
  })
  let exitCode: number | undefined
  thread.once('exit', (code) => {
    exitCode = code
    noteTrouble(thread, undefined)
  })
  // The reader of the messages reports the error; without a reader, it must not end the process.
  thread.on('error', () => {})
  const messages = on(thread, 'message', { close: ['exit'] }) as AsyncIterable<[FromWorker<Message>]>
  return {
    async *words() {
      try {
        for await (const [word] of messages) {
          if (word.kind === 'trouble') noteTrouble(thread, word.why)
          else yield word
        }
      } catch (error) {
        throw errnoOf(error) === 'ERR_WORKER_OUT_OF_MEMORY' ? lost(error) : error
      }
      throw lost(`exit ${exitCode}`)
    },
    give: (task) => thread.postMessage(task),
    end: () => thread.terminate(),
  }
}

/** One thread's share: it takes a task whenever it is idle, until none is left. */
async function work<Task, Message>(
  thread: Thread<Message>,
  take: () => Task | undefined,
  onMessage: RunOptions<Task, Message>['onMessage'],
): Promise<void> {
  let task: Task | undefined
  for await (const word of thread.words()) {
    if (word.kind === 'error') throw unpackError(word.error)
    if (word.kind === 'message') onMessage(word.message, task as Task)
    else {
      task = take()
      if (task === undefined) return
      thread.give(task)
    }
  }
}

/** Runs tasks one after the other in this thread: a simulated life has one thread, one disk, and one clock. */
function poolOfThisThread<Task, Message>(here: NonNullable<PoolOptions<Task, Message>['here']>): Pool<Task, Message> {
  return {
    async run(tasks, { onMessage, signal }) {
      for (const task of tasks) {
        if (signal?.aborted) return
        await here(
          task,
          (message) => onMessage(message, task),
          () => signal?.aborted ?? false,
        )
      }
    },
    async [Symbol.asyncDispose]() {},
  }
}
