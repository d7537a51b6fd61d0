import { Fate } from '../../faults/index.ts'
import type { Second } from '../../time.ts'
import { EVENT_KINDS, type Expected, Kind, type MadeUp } from './expected.ts'
import { addTo, merge, noSpread, type Spread } from './spread.ts'

/** Rows that were found and rows that are missing, by one measure. */
export interface Sides {
  kept: Spread
  dropped: Spread
}

/** What became of the events of a table, by kind (see `EVENT_KINDS`). Plain data, for threads. */
export interface FaultTally {
  /** Events of the period, and those of them of which no copy was delivered in time. */
  sent: number[]
  onTheirWay: number[]
  /** Rows of store-days that are missing, or repeated, as a whole. */
  missing: number[]
  doubled: number[]
  /** Absent rows of which nobody knows, and those that the policy allows to be absent. */
  unknown: number
  excused: number
  /** Rows that have a new form since an instant: there, and not there. */
  drifted: { kept: number; dropped: number }
  /** Rows since a column has a new name, by rename. */
  renamed: number[]
  /** By the delay of the first copy, and by how far the time in it was ahead of its arrival. */
  delay: Sides
  ahead: Sides
  /** Of rows that were delivered twice and were found twice, the seconds between the copies. */
  gaps: Spread
  /** Of some that were found once: the second copy's arrival, the time in it, and the seconds between the copies. */
  removed: { at: Second; sent: Second; gap: number }[]
}

const none = () => EVENT_KINDS.map(() => 0)
export const sides = (): Sides => ({ kept: noSpread(), dropped: noSpread() })

export const noTally = (): FaultTally => ({
  ...{ sent: none(), onTheirWay: none(), missing: none(), doubled: none(), unknown: 0, excused: 0 },
  ...{ drifted: { kept: 0, dropped: 0 }, renamed: [], delay: sides(), ahead: sides(), gaps: noSpread(), removed: [] },
})

export function mergeTally(into: FaultTally, from: FaultTally): void {
  for (const what of ['sent', 'onTheirWay', 'missing', 'doubled'] as const)
    for (const [kind, n] of from[what].entries()) into[what][kind] += n
  for (const what of ['unknown', 'excused'] as const) into[what] += from[what]
  for (const [i, n] of from.renamed.entries()) into.renamed[i] = (into.renamed[i] ?? 0) + n
  merge(into.gaps, from.gaps)
  for (const each of from.removed) into.removed.push(each)
  for (const side of ['kept', 'dropped'] as const) {
    into.drifted[side] += from.drifted[side]
    for (const measure of ['delay', 'ahead'] as const) merge(into[measure][side], from[measure][side])
  }
}

/** Counts the event that `of` looks at. */
export function countSent(tally: FaultTally, of: Expected): void {
  if (!of.inPeriod) return
  tally.sent[of.kind]++
  if (of.isOnItsWay) tally.onTheirWay[of.kind]++
}

/** Counts an event that nobody meant, beside that one. */
export function countMadeUp(tally: FaultTally, { arrived }: MadeUp): void {
  tally.sent[Kind.deleted]++
  if (arrived === 0) tally.onTheirWay[Kind.deleted]++
}

/** Counts what became of the event that `of` looks at: how many rows have its id. */
export function countRows(tally: FaultTally, of: Expected, rows: number): void {
  if (of.fate === Fate.lost || of.fate === Fate.malformed || of.isOnItsWay || !of.inPeriod) return
  const side = rows > 0 ? 'kept' : 'dropped'
  if (rows === 0) {
    if (of.isUnknown) {
      tally.unknown++
      return
    }
    if (of.isExcused) tally.excused++
  }
  const { delay, ahead } = of
  // Most rows are on time, and those that were found say nothing.
  if (rows === 0 || delay > 0) addTo(tally.delay[side], delay)
  if (rows === 0 || ahead > 0) addTo(tally.ahead[side], ahead)
  if (of.isDrifted) {
    tally.drifted[side]++
    for (const [i, { at }] of of.renames.entries())
      tally.renamed[i] = (tally.renamed[i] ?? 0) + (rows > 0 && of.time >= at ? 1 : 0)
  }
  if (of.fate !== Fate.duplicate || of.copies !== 2 || of.arrived !== 2) return
  const [at, gap] = [of.at(1), of.at(1) - of.at(0)]
  if (rows > 1) addTo(tally.gaps, gap)
  else if (rows === 1 && tally.removed.length < REMOVED_MOST) tally.removed.push({ at, sent: of.sent, gap })
}

/** Removed repeats that are looked at, of a block of stores. */
const REMOVED_MOST = 5_000
