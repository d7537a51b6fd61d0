import { formatCount } from '../numbers.ts'
import type { FactColumn } from '../tables/index.ts'

/** A wrong cell: its integers, and what was found as text. */
interface WrongCell {
  expected: readonly number[]
  found: readonly (number | null)[]
  text: string | null
  /** What the text should be. */
  right: string
}

/** A cause is named if this many cells have it, and this share of the wrong cells of their column. */
const LEAST = 10
const SHARE = 0.95

/** Looks for one reason for all wrong cells of a column. */
export class Causes {
  private readonly cells = new Map<string, WrongCell[]>()

  add(column: string, cell: WrongCell): void {
    const known = this.cells.get(column)
    if (!known) this.cells.set(column, [cell])
    else known.push(cell)
  }

  /**
   * Sentences. Of `rows`, `different` differ in some cell, and the cells of `looked` of these were added. `known`: columns
   * whose cause is known already.
   */
  sentences(
    columns: readonly (readonly [string, FactColumn])[],
    { rows, different, looked }: { rows: number; different: number; looked: number },
    known: ReadonlySet<string> = new Set(),
  ): string[] {
    const factor = looked > 0 ? different / looked : 0
    const named = columns.flatMap(([name, column]) => {
      const cells = this.cells.get(name) ?? []
      if (cells.length < LEAST || known.has(name)) return []
      const cause = causeOf(column, cells)
      if (!cause) return []
      const all = cells.length * factor >= rows * SHARE
      return [
        all
          ? `every ${name} is ${cause}`
          : `${factor > 1 ? 'about ' : ''}${formatCount(cells.length * factor)} cells of ${name}: ${cause}`,
      ]
    })
    const most = Math.max(0, ...[...this.cells.values()].map((cells) => cells.length))
    const isStrange = named.length === 0 && known.size === 0 && most >= LEAST && most * factor * 2 > rows
    return isStrange
      ? ['most rows differ, and no single cause explains it: this may be the table of another world']
      : named
  }
}

function causeOf(column: FactColumn, cells: readonly WrongCell[]): string | undefined {
  const share = (is: (cell: WrongCell) => boolean) => cells.filter(is).length >= cells.length * SHARE
  const number = ({ found: [value] }: WrongCell) => value
  if (share(({ text }) => text === null)) return 'empty'
  if (share(({ found, text }) => text !== null && found[0] === null)) {
    const { text } = cells.find(({ found }) => found[0] === null)!
    const what = share((cell) => cell.text === cell.right)
      ? 'not written like the others of its column'
      : 'not a value that can be compared'
    return `${what}, such as ${JSON.stringify(text)}`
  }
  switch (column.kind) {
    case 'instant':
      return causeOfInstants(cells)
    case 'money':
    case 'whole': {
      const offset = column.kind === 'whole' ? Math.max(0, -column.least) : 0
      const value = (n: number) => n - offset
      for (const factor of [100, 10, 1000, -1, 0.01, 0.1, 0.001])
        if (share((cell) => number(cell) != null && near(value(number(cell)!), value(cell.expected[0]) * factor)))
          return factor === -1
            ? 'negative: the sign is wrong'
            : factor > 1
              ? `${factor} × as large${factor === 100 && column.kind === 'money' ? ': cents' : ''}`
              : `${Math.round(1 / factor)} × too small`
      if (column.kind === 'money' && share((cell) => number(cell) != null && number(cell)! % 100 === 0))
        return 'without its cents'
      return shiftOf(cells, (by) => `${Math.abs(by).toLocaleString('en-US')} too ${by > 0 ? 'high' : 'low'}`)
    }
    case 'member':
    case 'optionalMember':
    case 'spanMember':
      return shiftOf(cells, (by) => `the member whose number is ${Math.abs(by)} too ${by > 0 ? 'high' : 'low'}`)
    default:
      return undefined
  }
}

/** Prices that were divided are rounded to cents. */
const near = (a: number, b: number) => Math.abs(a - b) <= 0.5

function shiftOf(cells: readonly WrongCell[], text: (by: number) => string): string | undefined {
  const [first] = cells
  const by = (first.found[0] ?? Number.NaN) - first.expected[0]
  const same = cells.filter(({ found, expected }) => found[0] !== null && found[0] - expected[0] === by)
  return same.length >= cells.length * SHARE ? text(by) : undefined
}

const HOUR = 3600
const DAY = 24 * HOUR

function causeOfInstants(cells: readonly WrongCell[]): string | undefined {
  const share = (is: (found: number, expected: number, micros: number) => boolean) =>
    cells.filter(({ found, expected }) => found[0] !== null && is(found[0], expected[0], found[1] ?? 0)).length >=
    cells.length * SHARE
  if (share((found, _, micros) => found % DAY === 0 && micros === 0)) return 'a day without its time'
  for (const [unit, seconds] of [
    ['minute', 60],
    ['hour', HOUR],
  ] as const)
    if (share((found, expected, micros) => found === expected - (expected % seconds) && micros === 0))
      return `cut to the ${unit}`
  const shifts = new Map<number, number>()
  for (const { found, expected } of cells)
    if (found[0] !== null && (found[1] ?? 0) === 0)
      shifts.set(found[0] - expected[0], (shifts.get(found[0] - expected[0]) ?? 0) + 1)
  const common = [...shifts].filter(([, n]) => n >= cells.length * 0.005)
  if (common.reduce((n, [, of]) => n + of, 0) < cells.length * SHARE) return undefined
  const by = common.map(([shift]) => shift).sort((a, b) => a - b)
  const isZone = by.every((shift) => shift % 900 === 0 && Math.abs(shift) <= 14 * HOUR)
  if (!isZone && by.length > 1) return undefined
  const [least, most] = [by[0], by.at(-1)!]
  const early = most < 0
  const [low, high] = early ? [-most, -least] : [least, most]
  const span = low === high ? duration(low) : `${duration(low)} to ${duration(high)}`
  const reason = !isZone
    ? ''
    : by.length === 1
      ? ': a zone'
      : by.length === 2 && high - low === HOUR
        ? ': a zone with daylight saving time'
        : ": the store's local time"
  return least < 0 && most > 0 ? undefined : `${span} ${early ? 'early' : 'late'}${reason}`
}

function duration(seconds: number): string {
  if (seconds % HOUR === 0) return `${seconds / HOUR} h`
  return seconds % 60 === 0 ? `${seconds / 60} min` : `${seconds.toLocaleString('en-US')} s`
}
