/** The story of a run: what happens while it happens. It goes to stderr; results do not pass here. */
export interface Ui {
  /** What is being done now. */
  step(text: string): void
  /** Something was done: a line of the story that stays. */
  done(text: string): void
  /** What the user has to know, story or not. */
  note(text: string): void
  warn(text: string): void
  /** One line of a child process. */
  output(line: string): void
  /** Begins a bar; `unit` is what is counted. */
  bar(unit: string): Bar
  /** Replaces the live line of a stream. */
  live(text: string): void
  /** Takes down what moves, so that a result or an error stands alone. */
  clear(): void
}

export interface Bar {
  update(done: number, total: number, detail?: string): void
  end(): void
}

export interface Clock {
  /** milliseconds, from any beginning */
  now(): number
}

/** Lets one call through per `everyMs`; the first one passes. */
export function throttle(everyMs: number, clock: Clock): () => boolean {
  let last = Number.NEGATIVE_INFINITY
  return () => {
    if (clock.now() - last < everyMs) return false
    last = clock.now()
    return true
  }
}
