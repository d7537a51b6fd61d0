import { type Change, changeOf, driftsOf, Fate } from '../../faults/index.ts'
import type { FactName } from '../../tables/index.ts'
import type { Second } from '../../time.ts'
import type { World } from '../../world/world.ts'
import type { Place, RowMatch } from '../match.ts'
import { type Expected, type FaultTerms, Kind } from './expected.ts'
import { type FoundIntegers, NewNames, renamesOf } from './new-names.ts'
import { spoken } from './spoken.ts'
import { noVersions, type Versions } from './versions.ts'

/** The fault that explains a difference. */
export interface Fault {
  /** See `EVENT_KINDS`. */
  kind: number
  text: string
}

/** A table whose differences are put down to faults. */
export interface FaultyComparison {
  world: World
  table: FactName
  terms: FaultTerms
  period: { from: Second; until: Second }
  /** The compared columns, each with the place of its first integer, and the one of 0 if it is a number. */
  columns: readonly { name: string; kind: string; first: number; integers: number; zero?: number | undefined }[]
}

/** Rows of one event, at least one of which differs from what is expected, as integers. */
export interface WrongRows {
  expected: readonly number[]
  found: readonly FoundIntegers[]
  /** Columns that differ. */
  wrong: ReadonlySet<string>
}

/** Where such rows are, and how many they stand for. */
interface WrongEvent extends WrongRows {
  match: RowMatch
  place: Place
  of: Expected
  weight: number
}

/** Finds the faults that explain wrong values, and counts them. */
export class WrongValues {
  readonly versions: Versions = noVersions()
  readonly names: NewNames
  /** Events of which equal rows are there twice or more because they were sent as often. */
  repeated = 0
  private readonly expected: Expected
  private readonly columns: FaultyComparison['columns']
  private readonly lastWins: boolean
  private readonly change: Change
  private readonly widened: ReadonlySet<string>

  constructor({ world, table, terms, columns }: FaultyComparison, expected: Expected) {
    this.expected = expected
    this.columns = columns
    this.lastWins = terms.lastWins
    this.change = changeOf(world, expected.fates, table)
    this.names = new NewNames(renamesOf(terms.profile, table), columns)
    const drifts = driftsOf(expected.fates, table)
    this.widened = new Set(drifts.flatMap((drift) => ('widen' in drift ? [drift.widen] : [])))
  }

  /** The fault that explains the rows of an event; undefined: none does. */
  why(event: WrongEvent): Fault | undefined {
    const { of, expected, weight } = event
    const filled = this.names.filled(of.time, event, weight)
    const rows = { ...event, ...filled }
    return (
      (filled && rows.found.every((row) => isSame(row, expected)) ? this.renamed(rows, filled.columns) : undefined) ??
      this.corrected(rows) ??
      this.changed(rows) ??
      this.skewed(rows) ??
      this.drifted(rows)
    )
  }

  private renamed({ of, found }: WrongEvent, columns: readonly string[]): Fault | undefined {
    if (found.length === 1) return { kind: Kind.drift, text: `drift: ${columns.join(' and ')} has a new name` }
    if (of.fate !== Fate.duplicate || found.length > of.copies) return undefined
    this.repeated++
    return { kind: Kind.duplicate, text: `duplicate: sent ${of.copies} times; drift` }
  }

  private corrected(event: WrongEvent): Fault | undefined {
    const { of, found, weight } = event
    if (of.fate !== Fate.corrected || (found.length > of.copies && !of.sentAgain)) return undefined
    if (!this.areTwo(event, of.isMistaken)) return undefined
    const isOvertaken = this.expected.fates.isOvertaken(of.fate, of.key)
    const how = found.length > 1 ? 'both' : isOvertaken ? 'overwritten' : 'unapplied'
    this.versions[how] += weight
    return { kind: Kind.corrected, text: `corrected: ${CORRECTED[how]}` }
  }

  private changed(event: WrongEvent): Fault | undefined {
    const { of, found } = event
    if (of.fate !== Fate.changed || (found.length > 2 && !of.sentAgain)) return undefined
    const isLast = this.lastWins && of.arrived === 2
    if (!this.areTwo(event, isLast)) return undefined
    const copies = found.length > 1 ? 'both copies are' : `the ${isLast ? 'first' : 'last'} copy is`
    return { kind: Kind.changed, text: `changed: ${copies} kept` }
  }

  /** Whether each row is as expected, or has the event's other values: the expected ones were changed already, or not. */
  private areTwo({ match, place, of, expected, found }: WrongEvent, isChanged: boolean): boolean {
    const other = match.changedAt(place, (cells) => this.change[isChanged ? 'undo' : 'apply'](cells, 0, of.key))
    return found.every((row) => isSame(row, expected) || isSame(row, other))
  }

  private skewed({ of, expected, found, wrong }: WrongEvent): Fault | undefined {
    const instant = this.columns.find(({ kind }) => kind === 'instant')
    if (!instant || of.skew === 0 || found.length !== 1) return undefined
    if ([...wrong].some((name) => name !== instant.name)) return undefined
    // The other time: the true one, or the one in the event.
    return found[0][instant.first] === expected[instant.first] + of.skew - 2 * of.shift
      ? { kind: Kind.skew, text: `skew: the clock was wrong by ${spoken(Math.abs(of.skew))}` }
      : undefined
  }

  private drifted({ of, wrong }: WrongEvent): Fault | undefined {
    const isWidened = of.isDrifted && wrong.size > 0 && [...wrong].every((name) => this.widened.has(name))
    return isWidened ? { kind: Kind.drift, text: 'drift: numbers have decimals' } : undefined
  }
}

const CORRECTED = {
  both: 'both versions are kept',
  overwritten: 'the older version came later, and is kept',
  unapplied: 'the correction is not applied',
}

const isSame = (row: FoundIntegers, expected: readonly number[]) => expected.every((value, i) => row[i] === value)
