import type { Ora } from 'ora'
import { type Sink, widthOf } from '../io.ts'
import { layOut, type Text } from '../render/layout.ts'
import { drawBar, fitParts, RateMeter } from './bar.ts'
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
  const stay = (text: Text, width = widthOf(sink)) => {
    const step = spinner?.text
    clear()
    sink.write(`${layOut(text, width)}\n`)
    if (step !== undefined) begin(step)
  }
  // A wrapped line cannot be erased, and one that fills the width moves the cursor to the next line.
  const room = () => Math.max(10, (sink.columns ?? 80) - 1)
  const move = (text: string) => {
    if (spinner) clear()
    sink.write(`\r\u001B[K${text}`)
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
    done: (text) => stay(text),
    note: (text) => stay(text),
    warn: (text) => stay(`${paint('yellow', '!')} ${text}`),
    // What other programs print is not wrapped: their tables would break.
    output: (line) => stay(paint('dim', line), Number.POSITIVE_INFINITY),
    live: (parts) => due() && move(fitParts(parts, room())),
    clear,
    bar(unit): Bar {
      const pace = new RateMeter(clock)
      return {
        update(done, total, detail) {
          pace.reach(done)
          if (due() || done >= total) move(drawBar({ done, total, detail, unit, pace }, room()))
        },
        end: clear,
      }
    },
  }
}
