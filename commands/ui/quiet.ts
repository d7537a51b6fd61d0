import type { Sink } from '../io.ts'
import { layOut, type Text } from '../render/layout.ts'
import { barText, RateMeter } from './bar.ts'
import { type Bar, type Stopwatch, throttle, type Ui } from './ui.ts'

const PLAIN_LINE_MS = 10_000

export interface QuietOptions {
  /** -q: print only warnings. */
  silent: boolean
  /** False with --json, where progress goes to stdout. */
  progress: boolean
  /** -v */
  verbose: boolean
}

/**
 * Output without a terminal (CI, pipes, --json): plain lines, at most one progress line every 10 s, no cursor movement.
 */
export function quietUi(sink: Sink, { silent, progress, verbose }: QuietOptions, clock: Stopwatch): Ui {
  const line = (text: Text) => void sink.write(`${layOut(text)}\n`)
  const due = throttle(PLAIN_LINE_MS, clock)
  const story = progress && !silent
  return {
    step: (text) => story && line(text),
    done: (text) => story && line(text),
    note: (text) => !silent && line(text),
    warn: (text) => line(`warning: ${text}`),
    output: (text) => !silent && (progress || verbose) && line(text),
    live: (parts) => story && due() && line(parts.join('  ')),
    clear: () => {},
    bar(unit): Bar {
      const pace = new RateMeter(clock)
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
