import { appendFileSync, closeSync, fstatSync, openSync } from 'node:fs'
import path from 'node:path'
import { execa } from 'execa'
import { errnoOf, RetailError } from '../errors.ts'
import { noteTrouble } from '../outages.ts'
import { follow } from './follow.ts'
import type { Invocation } from './invocation.ts'

export interface RunOptions {
  /** On abort, the program is ended and `stopped` thrown; the abort's reason may be the signal that we received. */
  signal?: AbortSignal
  /** Every line of both outputs, as it arrives. */
  onLine?: (line: string) => void
  /** A file that keeps every line. */
  log?: string
  /**
   * It receives one signal and as much time as it needs: a second signal would make terraform leave its state locked.
   * With `log`, it writes to the file itself and survives our death: a pipe without a reader would kill it before it
   * saves its state.
   */
  patient?: boolean
  /** A program that calls a service, and what it means if it prints nothing for long. */
  silence?: { program: string; why: string }
  /** What to do if the program is not installed. */
  missingHint?: string
}

export interface Finished {
  exitCode: number
  /** The last lines of both outputs. */
  tail: string[]
}

const TAIL_LINES = 20
/** Terraform prints a line every 10 s while it creates; dbt prints when a model begins and ends. */
const SILENCE_MS = 30_000
/** Milliseconds that a program interrupted by the terminal may take to end. dbt cancels its queries first. */
const GRACE_MS = 5_000

/**
 * Starts a program without a shell and waits for its end, whatever its exit code. Its stdin is a pipe that closes when
 * we die. It stays in our process group, so Ctrl-C reaches it directly.
 */
export async function run({ file, args, cwd, env }: Invocation, options: RunOptions = {}): Promise<Finished> {
  const { signal, onLine, log, patient = false, silence, missingHint } = options
  if (signal?.aborted) throw stopped(file)
  const tail: string[] = []
  const ours = { stdin: 'pipe', all: true, buffer: false, reject: false } as const
  const shared = { cwd, env: { ...env }, ...ours, ...(patient && ({ forceKillAfterDelay: false } as const)) }
  // execa's types cover only the first ten descriptors.
  const fd = patient && log !== undefined ? (openSync(log, 'a') as 3) : undefined
  const fromByte = fd === undefined ? 0 : fstatSync(fd).size
  const child = fd === undefined ? execa(file, args, shared) : execa(file, args, { ...shared, stdout: fd, stderr: fd })
  if (fd !== undefined) closeSync(fd)
  const passOn = signal && endWhenAborted(signal, () => child.kill('SIGTERM'), patient)
  const silent = silence && noteSilence(silence)
  const lines = fd === undefined ? child.iterable({ from: 'all' }) : follow(log!, fromByte, child)
  try {
    for await (const line of lines) {
      silent?.ends()
      tail.push(line)
      if (tail.length > TAIL_LINES) tail.shift()
      if (fd === undefined && log !== undefined) appendFileSync(log, `${line}\n`)
      onLine?.(line)
    }
  } finally {
    passOn?.()
    silent?.[Symbol.dispose]()
  }
  const result = await child
  if (signal?.aborted) throw stopped(file)
  if (result.exitCode !== undefined) return { exitCode: result.exitCode, tail }
  if (result.signal !== undefined) return { exitCode: 1, tail: [...tail, `ended by ${result.signal}`] }
  throw notStarted(file, result.cause, missingHint)
}

/** Starts a program whose output goes where ours goes, and resolves to its exit code. */
export async function runHere(invocation: Invocation, signal?: AbortSignal): Promise<number> {
  const { file, args, cwd, env } = invocation
  if (signal?.aborted) throw stopped(file)
  const child = execa(file, args, {
    cwd,
    env: { ...env },
    stdin: 'pipe',
    stdout: 'inherit',
    stderr: 'inherit',
    reject: false,
  })
  const passOn = signal && endWhenAborted(signal, () => child.kill('SIGTERM'), false)
  const { exitCode, cause } = await child.finally(() => passOn?.())
  if (signal?.aborted) throw stopped(file)
  if (exitCode !== undefined) return exitCode
  if (child.signalCode !== null) return 1
  throw notStarted(file, cause, undefined)
}

/** Notes as trouble that a program prints nothing. */
function noteSilence({ program, why }: NonNullable<RunOptions['silence']>): Disposable & { ends(): void } {
  const silence = {}
  const note = () => noteTrouble(silence, `${program} has printed nothing for ${SILENCE_MS / 1000} s: ${why}`)
  const timer = setTimeout(note, SILENCE_MS)
  const ends = () => noteTrouble(silence, undefined)
  return {
    ends() {
      ends()
      timer.refresh()
    },
    [Symbol.dispose]() {
      ends()
      clearTimeout(timer)
    },
  }
}

/**
 * Ctrl-C at a terminal reaches the whole process group: the program is already ending, and a second signal would
 * interrupt its cleanup. A signal that only we received is forwarded once, as SIGTERM.
 */
function endWhenAborted(signal: AbortSignal, terminate: () => void, patient: boolean): () => void {
  let timer: NodeJS.Timeout | undefined
  const onAbort = () => {
    const both = signal.reason !== 'SIGTERM' && (process.stdin.isTTY || process.stderr.isTTY)
    if (!both) terminate()
    else if (!patient) timer = setTimeout(terminate, GRACE_MS)
  }
  signal.addEventListener('abort', onAbort, { once: true })
  return () => {
    clearTimeout(timer)
    signal.removeEventListener('abort', onAbort)
  }
}

const stopped = (file: string) => new RetailError('stopped', `stopped while ${path.basename(file)} was running`)

function notStarted(file: string, cause: unknown, hint: string | undefined): unknown {
  switch (errnoOf(cause)) {
    case 'ENOENT':
      return new RetailError('tool_missing', `${file} is not installed`, { why: 'it is not on the PATH', hint, cause })
    case 'EACCES':
      return new RetailError('tool_missing', `${file} cannot be run`, { why: (cause as Error).message, hint, cause })
    default:
      return cause
  }
}
