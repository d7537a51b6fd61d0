import type { Text } from '../render/layout.ts'

/** Progress output while a command runs. It goes to stderr; results do not pass through here. */
export interface Ui {
  /** The current step. */
  step(text: string): void
  /** A finished step: a line that stays. */
  done(text: string): void
  /** What the user must know, also with --quiet. */
  note(text: Text): void
  warn(text: string): void
  /** One line of a child process's output. */
  output(line: string): void
  /** Starts a progress bar; `unit` names what is counted. */
  bar(unit: string): Bar
  /** Replaces the progress line of a stream. A narrow terminal shows the first parts only. */
  live(parts: readonly string[]): void
  /** Erases spinners and bars before a result or an error. */
  clear(): void
}

export interface Bar {
  update(done: number, total: number, detail?: string): void
  end(): void
}

export interface Stopwatch {
  /** Milliseconds from an arbitrary start. */
  now(): number
}

/** Lets one call pass per `everyMs`; the first one passes. */
export function throttle(everyMs: number, clock: Stopwatch): () => boolean {
  let last = Number.NEGATIVE_INFINITY
  return () => {
    if (clock.now() - last < everyMs) return false
    last = clock.now()
    return true
  }
}
