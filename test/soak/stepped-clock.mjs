import { readFileSync } from 'node:fs'

/**
 * Loaded with `node --import` before the tool: its wall clock is off by as many milliseconds as the file RETAIL_SOAK_CLOCK says, which
 * changes while it runs. Durations are untouched, as they are when somebody sets the clock of a machine.
 */
const Machine = Date
let off = 0

function look() {
  try {
    off = Number(readFileSync(process.env.RETAIL_SOAK_CLOCK, 'utf8')) || 0
  } catch {
    // It is being written; the next look finds it.
  }
}

look()
setInterval(look, 250).unref()
class Stepped extends Machine {
  constructor(...given) {
    if (given.length > 0) super(...given)
    else super(Machine.now() + off)
  }
  static now() {
    return Machine.now() + off
  }
}
globalThis.Date = Stepped
