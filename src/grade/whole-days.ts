import { formatCount } from '../numbers.ts'
import { type Day, formatDay } from '../time.ts'
import { type Days, type FoundSums, State } from './found.ts'

/** Store-days of which nothing was found, or that were found several times as a whole: in sentences, not row by row. */
export function wholeDays(
  { sums, days, stores }: { sums: FoundSums; days: Days; stores: number },
  nameOf: (store: number) => string,
): { causes: string[]; absent: number; repeated: number; differing: number; extra: number[] } {
  const count = days.end - days.from
  const absent = new Tally(count, stores)
  const repeated = new Tally(count, stores)
  const known = new Tally(count, stores)
  const extra: number[] = []
  let differing = 0
  for (let index = 0; index < count * stores; index++) {
    const state = sums.state[index]
    if (state === State.unvisited) {
      if (sums.counts[index] > 0) extra.push(index)
      continue
    }
    known.add(index)
    if (state === State.differs) differing++
    if (state === State.absent) absent.add(index)
    if (state === State.repeated) repeated.add(index)
  }
  const say = (tally: Tally, what: string) => tally.sentences(known, what, { from: days.from, nameOf })
  return {
    causes: [...say(absent, 'no rows'), ...say(repeated, 'each row two or more times')],
    absent: absent.total,
    repeated: repeated.total,
    differing,
    extra,
  }
}

/** Store-days of a kind, by day and by store. */
class Tally {
  total = 0
  readonly byDay: Int32Array
  readonly byStore: Int32Array
  private readonly stores: number
  private first = -1

  constructor(days: number, stores: number) {
    this.byDay = new Int32Array(days)
    this.byStore = new Int32Array(stores)
    this.stores = stores
  }

  add(index: number): void {
    if (this.first < 0) this.first = index
    this.total++
    this.byDay[Math.floor(index / this.stores)]++
    this.byStore[index % this.stores]++
  }

  sentences(known: Tally, what: string, { from, nameOf }: { from: Day; nameOf: (store: number) => string }): string[] {
    if (this.total === 0) return []
    const text = (day: number) => formatDay(from + day)
    const whole = [...this.byDay.keys()].filter((day) => this.byDay[day] > 0 && this.byDay[day] === known.byDay[day])
    if (whole.reduce((n, day) => n + this.byDay[day], 0) === this.total)
      return rangesOf(whole).map(([a, b]) => (a === b ? `${text(a)}: ${what}` : `${text(a)} … ${text(b)}: ${what}`))
    const stores = [...this.byStore.keys()].filter(
      (store) => this.byStore[store] > 0 && this.byStore[store] === known.byStore[store],
    )
    if (stores.reduce((n, store) => n + this.byStore[store], 0) === this.total)
      return [
        `${stores.slice(0, 5).map(nameOf).join(', ')}${stores.length > 5 ? `, and ${stores.length - 5} other stores` : ''}: ${what}`,
      ]
    const first = `${nameOf(this.first % this.stores)} on ${text(Math.floor(this.first / this.stores))}`
    return [this.total === 1 ? `${first}: ${what}` : `${formatCount(this.total)} store-days, such as ${first}: ${what}`]
  }
}

/** Consecutive days as ranges; at most ten of them. */
function rangesOf(days: readonly number[]): [number, number][] {
  const ranges: [number, number][] = []
  for (const day of days) {
    const last = ranges.at(-1)
    if (last && day === last[1] + 1) last[1] = day
    else ranges.push([day, day])
  }
  return ranges.length <= 10 ? ranges : [[days[0], days.at(-1)!]]
}
