import type { Malformation } from '../../config/fault-kinds.ts'
import { idOf } from '../../encode/ids.ts'
import { type Change, changeOf, Fate, malformationOf } from '../../faults/index.ts'
import type { ColumnBatch } from '../../simulator/column-batch.ts'
import type { FactName } from '../../tables/index.ts'
import { SECONDS_PER_DAY, type Second } from '../../time.ts'
import { noSums, type Sums } from '../../truth/checksum.ts'
import { yymmdd } from '../../truth/integers.ts'
import { letterOf } from '../../truth/own-ids.ts'
import { type RowValues, valuesOfRow } from '../../truth/sum-rows.ts'
import type { World } from '../../world/world.ts'
import { taken } from '../forms.ts'
import { Damaged, type DamagedEvent } from './damaged.ts'
import { Expected, type FaultTerms, Need } from './expected.ts'
import { NewestTimes, type TimesMemory } from './newest.ts'
import { countMadeUp, countRows, countSent, type FaultTally, noTally } from './tally.ts'

/** A store-day of a batch: its rows begin at `row`, with that number. */
interface StoreDay {
  store: number
  day: number
  row: number
  n: number
  first: number
}

/** What a block adds to what is known of the faults of a table. */
export interface BlockFaults {
  tally: FaultTally
  damaged: DamagedEvent[]
  /** Damaged events of which only the number is known. */
  further: number
  /** Ids of damaged events that can be read, and are rows. */
  readableRows: string[]
}

/** Sums of the rows that must be there, and of these and those that may be there. */
export interface FaultySums {
  must: Sums
  may: Sums
  /** None of those that must be there arrived in time. */
  isLate: boolean
  /** Some of them were sent again after a restart. */
  isAgain: boolean
}

/** Rows that arrive within this many seconds are in time. */
const IN_TIME = 60

/** Damaged events in which most consumers find the time. */
const TIMED = new Set<Malformation>([
  'wrong-type',
  'number-as-text',
  'missing',
  'null-key',
  'unknown-product',
  'impossible',
])

/** Adds the rows [from, end) of a store-day, counted within it, to sums. */
type AddRows = (from: number, end: number, sums: Sums) => void

/** Changes the rows of a batch to those that a consumer must have after faults, one store-day at a time, and counts. */
export class FaultySide {
  readonly tally: FaultTally = noTally()
  readonly damaged: Damaged
  private readonly world: World
  private readonly table: FactName
  private readonly expected: Expected
  private readonly change: Change
  private readonly values: RowValues
  private readonly times: NewestTimes
  /** No clock is ahead, so that an event that arrives in time does not look late. */
  private readonly isPunctual: boolean
  private needs = new Uint8Array(1024)

  constructor(
    world: World,
    table: FactName,
    columns: readonly string[],
    terms: FaultTerms,
    period: { from: Second; until: Second },
    times: TimesMemory,
  ) {
    this.times = new NewestTimes(times)
    this.isPunctual = (terms.profile.skew?.to ?? 0) <= 0
    this.world = world
    this.table = table
    this.expected = new Expected(world, terms, period)
    this.damaged = new Damaged(world, table, this.expected.fates)
    this.change = changeOf(world, this.expected.fates, table)
    this.values = valuesOfRow(world, table, taken(table, new Set(columns)))
  }

  enter(batch: ColumnBatch, at: StoreDay, add: AddRows): FaultySums {
    const { expected, table } = this
    const { store, day, row, n, first } = at
    const rows = batch.facts[table].rows as unknown as Record<string, Int32Array>
    const { second } = rows
    const midnight = day * SECONDS_PER_DAY
    if (this.needs.length < n) this.needs = new Uint8Array(n * 2)
    const { needs } = this
    expected.begin(table, store, day)
    const { shift, terms } = expected
    let isLate = false
    let isAgain = false
    let inTime = 0
    for (let nth = 0; nth < n; nth++) {
      needs[nth] = expected.event(first + nth, midnight + second[row + nth])
      countSent(this.tally, expected)
      isAgain ||= expected.sentAgain
      if (needs[nth] === Need.must) {
        isLate = true
        if (this.isPunctual && expected.delay < IN_TIME) inTime++
      }
      const { fate, key, inPeriod, isOnItsWay, first: arrival, sent } = expected
      const isTimed = fate !== Fate.malformed || TIMED.has(malformationOf(expected.fates, key))
      if (inPeriod && expected.arrived > 0 && isTimed) this.times.arrive(arrival, sent)
      if (fate === Fate.malformed && inPeriod && !isOnItsWay) {
        const id = this.idOf(day, store, first + nth)
        this.damaged.add(
          batch,
          { id, row: row + nth, store, day, number: first + nth, at: arrival, key },
          this.values(rows, row + nth, first + nth, yymmdd(day), store + 1, midnight + shift),
        )
      }
      const isOther = (fate === Fate.changed && terms.lastWins && expected.arrived === 2) || expected.isMistaken
      if (isOther) this.change.apply(rows, row + nth, key)
      const made = inPeriod ? expected.madeUp(first + nth) : undefined
      if (!made) continue
      countMadeUp(this.tally, made)
      if (made.arrived > 0) this.times.arrive(made.first, sent)
    }
    // The time in an event is right, also if it is on another day.
    if (shift !== 0) for (let nth = 0; nth < n; nth++) second[row + nth] += shift
    const must = noSums()
    const may = noSums()
    for (let from = 0; from < n; ) {
      const need = needs[from]
      let end = from + 1
      while (end < n && needs[end] === need) end++
      if (need === Need.must) add(from, end, must)
      if (need !== Need.mustNot) add(from, end, may)
      from = end
    }
    return { must, may, isLate: isLate && inTime === 0, isAgain }
  }

  /** Counts what became of a store-day that has `rows` rows, each of which is right. */
  leave(batch: ColumnBatch, { store, day, row, n, first }: StoreDay, rows: number, { must, may }: FaultySums): void {
    const { expected, tally, table } = this
    const { second } = batch.facts[table].rows
    const isAll = rows > 0 && rows === may.rows
    const times = isAll ? 1 : must.rows === 0 ? 0 : rows / must.rows
    expected.begin(table, store, day)
    const { shift } = expected
    for (let nth = 0; nth < n; nth++) {
      const need = expected.event(first + nth, day * SECONDS_PER_DAY + second[row + nth] - shift)
      if (need === Need.mustNot) continue
      const found = need === Need.must ? times : isAll ? 1 : 0
      countRows(tally, expected, found)
      if (found > 0 && expected.inPeriod && expected.arrived > 0) this.times.keep(expected.first, expected.sent)
      if (expected.fate === Fate.malformed && found > 0) this.damaged.rows.push(this.idOf(day, store, first + nth))
      if (need !== Need.must) continue
      if (found === 0) tally.missing[expected.kind]++
      if (found > 1) tally.doubled[expected.kind] += found - 1
    }
  }

  take(): BlockFaults {
    const { damaged, tally } = this
    damaged.flush()
    return { tally, damaged: damaged.events, further: damaged.further, readableRows: damaged.rows }
  }

  private idOf = (day: number, store: number, number: number) =>
    idOf(letterOf(this.table), day, store, number, this.world.ids)
}
