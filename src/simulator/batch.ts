import { SECONDS_PER_DAY, type Second } from '../time.ts'

/** Kinds of movement, in alphabetical order, so that the least code has the least name; the code is what the column holds. */
export const MOVEMENT_TYPES = ['opening', 'receipt', 'return', 'sale', 'shrink'] as const
export const Movement = { opening: 0, receipt: 1, return: 2, sale: 3, shrink: 4 } as const

/** Sale lines as columns of codes. Row i of all columns is one line; which store and day it is of, the runs say. */
export interface Lines {
  n: number
  /** product number − 1 */
  product: Uint16Array
  /** second of the UTC day */
  second: Int32Array
  quantity: Uint8Array
  /** code in world.products.prices */
  price: Uint16Array
  /** number of the first line of the visit (extended schema only) */
  basket: Int32Array
}

export interface Movements {
  n: number
  product: Uint16Array
  second: Int32Array
  change: Int32Array
  /** Movement code */
  type: Uint8Array
  /** UTC day and number of what caused it: the sale line (sale, return), else day and 0 (extended schema only) */
  referenceDay: Int32Array
  referenceNumber: Int32Array
}

/** Stretches of rows of one store on one UTC day, numbered without a gap from `firstLine` and `firstMovement`. */
export interface Runs {
  n: number
  /** store number − 1 */
  store: Int32Array
  day: Int32Array
  lines: Int32Array
  firstLine: Int32Array
  movements: Int32Array
  firstMovement: Int32Array
}

/** Both tables' rows of a stretch of simulation, in run order. Grows as needed and is used again after `clear`. */
export class Batch {
  readonly lines: Lines
  readonly movements: Movements
  readonly runs: Runs
  readonly extended: boolean

  constructor(extended: boolean, capacity = 1024) {
    this.extended = extended
    const references = extended ? capacity : 0
    this.lines = {
      n: 0,
      product: new Uint16Array(capacity),
      second: new Int32Array(capacity),
      quantity: new Uint8Array(capacity),
      price: new Uint16Array(capacity),
      basket: new Int32Array(references),
    }
    this.movements = {
      n: 0,
      product: new Uint16Array(capacity),
      second: new Int32Array(capacity),
      change: new Int32Array(capacity),
      type: new Uint8Array(capacity),
      referenceDay: new Int32Array(references),
      referenceNumber: new Int32Array(references),
    }
    const column = () => new Int32Array(256)
    this.runs = {
      n: 0,
      store: column(),
      day: column(),
      lines: column(),
      firstLine: column(),
      movements: column(),
      firstMovement: column(),
    }
  }

  clear(): void {
    this.lines.n = 0
    this.movements.n = 0
    this.runs.n = 0
  }

  /** The earliest second of any row; infinite when there is none. Rows of a run are in time order. */
  firstSecond(): Second {
    const { runs, lines, movements } = this
    let first = Number.POSITIVE_INFINITY
    let [line, movement] = [0, 0]
    for (let run = 0; run < runs.n; run++) {
      const midnight = runs.day[run] * SECONDS_PER_DAY
      if (runs.lines[run] > 0) first = Math.min(first, midnight + lines.second[line])
      if (runs.movements[run] > 0) first = Math.min(first, midnight + movements.second[movement])
      line += runs.lines[run]
      movement += runs.movements[run]
    }
    return first
  }

  /** Makes room for so many rows more. */
  reserve(lines: number, movements: number): void {
    if (this.lines.n + lines > this.lines.product.length) grow(this.lines, this.lines.n + lines)
    if (this.movements.n + movements > this.movements.product.length) grow(this.movements, this.movements.n + movements)
  }

  /** Copies the lines [line, lineTo) and movements [movement, movementTo) of a run of another batch; the run's rows end at the given ends. */
  append(
    from: Batch,
    run: number,
    line: number,
    lineTo: number,
    lineEnd: number,
    movement: number,
    movementTo: number,
    movementEnd: number,
  ): void {
    this.reserve(lineTo - line, movementTo - movement)
    const n0 = this.lines.n
    const m0 = this.movements.n
    copyLines(from.lines, this.lines, line, lineTo)
    copyMovements(from.movements, this.movements, movement, movementTo)
    const { runs } = from
    const firstLine = runs.firstLine[run] + runs.lines[run] - (lineEnd - line)
    const firstMovement = runs.firstMovement[run] + runs.movements[run] - (movementEnd - movement)
    this.close(runs.store[run], runs.day[run], n0, firstLine, m0, firstMovement)
  }

  /** Adds the rows appended since (n0, m0) to the run of (store, day), which is continued when it is the last one. */
  close(store: number, day: number, n0: number, firstLine: number, m0: number, firstMovement: number): void {
    const { runs } = this
    const last = runs.n - 1
    const lines = this.lines.n - n0
    const movements = this.movements.n - m0
    if (lines === 0 && movements === 0) return
    if (last >= 0 && runs.store[last] === store && runs.day[last] === day) {
      runs.lines[last] += lines
      runs.movements[last] += movements
      return
    }
    if (runs.n === runs.store.length) grow(runs, runs.n + 1)
    const i = runs.n++
    runs.store[i] = store
    runs.day[i] = day
    runs.lines[i] = lines
    runs.firstLine[i] = firstLine
    runs.movements[i] = movements
    runs.firstMovement[i] = firstMovement
  }
}

/** Row by row: the stretches are a few rows long. Columns that the schema leaves out are empty in both. */
function copyLines(from: Lines, to: Lines, start: number, end: number): void {
  let n = to.n
  for (let i = start; i < end; i++, n++) {
    to.product[n] = from.product[i]
    to.second[n] = from.second[i]
    to.quantity[n] = from.quantity[i]
    to.price[n] = from.price[i]
  }
  if (from.basket.length > 0) for (let i = start; i < end; i++) to.basket[to.n + i - start] = from.basket[i]
  to.n = n
}

function copyMovements(from: Movements, to: Movements, start: number, end: number): void {
  let n = to.n
  for (let i = start; i < end; i++, n++) {
    to.product[n] = from.product[i]
    to.second[n] = from.second[i]
    to.change[n] = from.change[i]
    to.type[n] = from.type[i]
  }
  if (from.referenceDay.length > 0) {
    for (let i = start; i < end; i++) {
      to.referenceDay[to.n + i - start] = from.referenceDay[i]
      to.referenceNumber[to.n + i - start] = from.referenceNumber[i]
    }
  }
  to.n = n
}

type Columns = Lines | Movements | Runs

/** Columns that the schema leaves out have length 0 and stay so. */
function grow(columns: Columns, needed: number): void {
  for (const [name, column] of Object.entries(columns)) {
    if (typeof column === 'number' || column.length === 0 || column.length >= needed) continue
    // Large ones by a quarter: what is grown beyond need stays for the life of a thread.
    const wanted = column.length * (column.length < 1 << 20 ? 2 : 1.25)
    const larger = new (column.constructor as new (n: number) => typeof column)(Math.max(needed, wanted))
    larger.set(column)
    ;(columns as unknown as Record<string, unknown>)[name] = larger
  }
}
