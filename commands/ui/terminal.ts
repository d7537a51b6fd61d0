import type { Ora } from 'ora'
import type { Sink } from '../io.ts'
import { drawBar, RateMeter } from './bar.ts'
import type { Paint } from './paint.ts'
import { type Bar, type Stopwatch, throttle, type Ui } from './ui.ts'

const REDRAW_MS = 100

/** Output on a terminal: a spinner for steps, one line for bars and streams, at most ten redraws per second. */
export async function terminalUi(sink: Sink, paint: Paint, clock: Stopwatch): Promise<Ui> {
  const { default: ora } = await import('ora')
  let spinner: Ora | undefined
  let moving = false

  const clear = () => {
    spinner?.stop()
    spinner = undefined
    if (moving) sink.write('\r\u001B[K')
    moving = false
  }
  const stay = (text: string) => {
    const step = spinner?.text
    clear()
    sink.write(`${text}\n`)
    if (step !== undefined) begin(step)
  }
  const move = (text: string) => {
    if (spinner) clear()
    // Cut to the width: a wrapped line cannot be erased.
    sink.write(`\r\u001B[K${text.slice(0, Math.max(10, (sink.columns ?? 80) - 1))}`)
    moving = true
  }
  const begin = (text: string) => {
    clear()
    // discardStdin would put the terminal into raw mode, and dbt would never receive Ctrl-C.
    spinner = ora({ text, stream: sink, discardStdin: false }).start()
  }
  const due = throttle(REDRAW_MS, clock)
  return {
    step: begin,
    done: stay,
    note: stay,
    warn: (text) => stay(`${paint('yellow', '!')} ${text}`),
    output: (line) => stay(paint('dim', line)),
    live: (text) => due() && move(text),
    clear,
    bar(unit): Bar {
      const pace = new RateMeter(clock)
      return {
        update(done, total, detail) {
          pace.reach(done)
          if (due() || done >= total) move(drawBar({ done, total, detail, unit, pace }))
        },
        end: clear,
      }
    },
  }
}
