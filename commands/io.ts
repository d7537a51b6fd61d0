/** A place text goes. `isTTY` decides on colours, bars and questions. */
export type Sink = NodeJS.WritableStream & { isTTY?: boolean; columns?: number }

export type StopSignal = 'SIGINT' | 'SIGTERM' | 'SIGHUP'
export const stopSignals: readonly StopSignal[] = ['SIGINT', 'SIGTERM', 'SIGHUP']

/** All the counter touches of the process, so that a test can stand in for it. */
export interface Io {
  cwd: string
  env: Readonly<Record<string, string | undefined>>
  stdin: NodeJS.ReadableStream & { isTTY?: boolean }
  stdout: Sink
  stderr: Sink
  onSignal(signal: StopSignal, handler: () => void): () => void
  /** leaves at once */
  exit(code: number): void
}

export function processIo(): Io {
  return {
    cwd: process.cwd(),
    env: process.env,
    // Opening a stream costs a few milliseconds; most runs need no stdin.
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
    exit: (code) => process.exit(code),
  }
}

/** As a shell tells it: 130 after Ctrl-C, 143 after SIGTERM. */
export const exitCodeOf = (signal: StopSignal): number => ({ SIGHUP: 129, SIGINT: 130, SIGTERM: 143 })[signal]
