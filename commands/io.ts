import type { CommandLine } from '../src/advice.ts'
import { launcherOf } from './launcher.ts'
import type { Machine } from './machine.ts'

/** An output stream. `isTTY` decides on colors, progress bars, and prompts. */
export type Sink = NodeJS.WritableStream & { isTTY?: boolean; columns?: number }

/** The width of a terminal; elsewhere, lines are as long as they need to be, so that programs can search them. */
export const widthOf = ({ isTTY, columns = 0 }: Sink): number =>
  isTTY && columns > 0 ? Math.max(columns, NARROWEST) : Number.POSITIVE_INFINITY
const NARROWEST = 20

export type StopSignal = 'SIGINT' | 'SIGTERM' | 'SIGHUP'
export const stopSignals: readonly StopSignal[] = ['SIGINT', 'SIGTERM', 'SIGHUP']

/** Everything of the process that the CLI uses, so that a test can replace it. */
export interface Io {
  cwd: string
  env: Readonly<Record<string, string | undefined>>
  stdin: NodeJS.ReadableStream & { isTTY?: boolean }
  stdout: Sink
  stderr: Sink
  onSignal(signal: StopSignal, handler: () => void): () => void
  /** Receives errors that nothing caught: thrown in a callback, or rejected by a promise that nothing awaits. */
  onCrash?(handler: (error: unknown) => void): () => void
  /** The words that start this tool again. */
  launcher(): CommandLine
  /** What this machine has for a workspace in the folder. */
  machine(folder: string): Promise<Machine>
  /** Milliseconds since 1970, from the system clock. */
  now(): number
  /** Exits immediately. */
  exit(code: number): void
}

export function processIo(): Io {
  return {
    cwd: process.cwd(),
    env: process.env,
    // Opening a stream takes a few milliseconds, and most commands need no stdin.
    get stdin() {
      return process.stdin
    },
    get stdout() {
      return process.stdout
    },
    get stderr() {
      return process.stderr
    },
    onSignal(signal, handler) {
      process.on(signal, handler)
      return () => process.off(signal, handler)
    },
    onCrash(handler) {
      process.on('uncaughtException', handler)
      return () => process.off('uncaughtException', handler)
    },
    launcher: () => launcherOf({ script: process.argv[1], cwd: process.cwd(), env: process.env }),
    machine: async (folder) => (await import('./machine.ts')).machineOf(folder),
    now: () => Date.now(),
    exit: (code) => process.exit(code),
  }
}

/** The exit code that shells use: 130 after Ctrl-C, 143 after SIGTERM. */
export const exitCodeOf = (signal: StopSignal): number => ({ SIGHUP: 129, SIGINT: 130, SIGTERM: 143 })[signal]
