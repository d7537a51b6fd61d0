import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { PassThrough, Writable } from 'node:stream'
import { onTestFinished } from 'vitest'
import type { Outside } from '../commands/context.ts'
import type { Io, Sink, StopSignal } from '../commands/io.ts'
import { main } from '../commands/main.ts'
import type { Prompts } from '../commands/ui/prompts.ts'
import type { Clock } from '../commands/ui/ui.ts'
import { type Verbs, verbs } from '../commands/verbs.ts'
import type { Ports } from '../src/ports/index.ts'

export interface Outcome {
  code: number
  stdout: string
  stderr: string
}

export interface Visit {
  /** the folder the user stands in; a fresh one when not given */
  cwd?: string
  env?: Record<string, string>
  /** true: stdin and stderr are terminals; stdout stays a pipe */
  terminal?: boolean
  /** width of that terminal */
  columns?: number
  verbs?: Partial<Verbs>
  prompts?: Prompts
  clock?: Clock
  /** called once the signals are listened to */
  onStart?: (send: (signal: StopSignal) => void) => void
}

/** Runs a command line in this process, as a user in `cwd` would see it. Words with spaces go in an array. */
export async function retail(line: string | readonly string[], visit: Visit = {}): Promise<Outcome> {
  const argv = typeof line === 'string' ? line.split(' ').filter(Boolean) : line
  const cwd = visit.cwd ?? freshFolder()
  const [stdout, stderr] = [new Recorder(), new Recorder()]
  const stdin = Object.assign(new PassThrough(), { isTTY: visit.terminal === true })
  stdin.end()
  const cursor = { cursorTo: () => true, clearLine: () => true, moveCursor: () => true }
  if (visit.terminal) Object.assign(stderr, { isTTY: true, columns: visit.columns ?? 100, ...cursor })
  const handlers = new Map<StopSignal, () => void>()
  let left: number | undefined
  const io: Io = {
    cwd,
    env: visit.env ?? {},
    stdin,
    stdout,
    stderr,
    onSignal(signal, handler) {
      handlers.set(signal, handler)
      if (handlers.size === 3) visit.onStart?.((sent) => handlers.get(sent)?.())
      return () => handlers.delete(signal)
    },
    exit: (code) => {
      left ??= code
    },
  }
  const outside: Partial<Outside> = { io, prompts: visit.prompts, clock: visit.clock }
  if (visit.verbs) outside.verbs = { ...verbs, openPorts: async () => noPorts(), ...visit.verbs }
  const code = await main(argv, outside)
  const hide = (text: string) => text.replaceAll(cwd, '<here>')
  return { code: left ?? code, stdout: hide(stdout.text), stderr: hide(stderr.text) }
}

/** An empty folder that goes when the test ends. */
export function freshFolder(): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'retail-test-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** For verbs that a test brings itself: they ask for nothing. */
const noPorts = (): Ports => ({ [Symbol.asyncDispose]: async () => {} }) as unknown as Ports

class Recorder extends Writable implements Sink {
  text = ''
  isTTY?: boolean
  columns?: number

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.text += chunk.toString()
    done()
  }
}
