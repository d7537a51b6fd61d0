import type { Sink } from '../io.ts'
import { barText, Pace } from './bar.ts'
import { type Bar, type Clock, throttle, type Ui } from './ui.ts'

const PLAIN_LINE_MS = 10_000

export interface QuietOptions {
  /** -q: nothing but warnings */
  silent: boolean
  /** false under --json, where progress is told on stdout */
  progress: boolean
  /** -v */
  verbose: boolean
}

/** Without a terminal (CI, pipes, --json): plain lines, at most one of progress every 10 s, no cursor moves. */
export function quietUi(sink: Sink, { silent, progress, verbose }: QuietOptions, clock: Clock): Ui {
  const line = (text: string) => void sink.write(`${text}\n`)
  const due = throttle(PLAIN_LINE_MS, clock)
  const story = progress && !silent
  return {
    step: (text) => story && line(text),
    done: (text) => story && line(text),
    note: (text) => !silent && line(text),
    warn: (text) => line(`warning: ${text}`),
    output: (text) => !silent && (progress || verbose) && line(text),
    live: (text) => story && due() && line(text),
    clear: () => {},
    bar(unit): Bar {
      const pace = new Pace(clock)
      return {
        update(done, total, detail) {
          pace.reach(done)
          if (story && due()) line(barText({ done, total, detail, unit, pace }))
        },
        end: () => {},
      }
    },
  }
}
