import { type Change, changeOf, driftsOf, Fate } from '../../faults/index.ts'
import type { FactName } from '../../tables/index.ts'
import type { Second } from '../../time.ts'
import type { World } from '../../world/world.ts'
import type { Place, RowMatch } from '../match.ts'
import type { DifferenceKind } from '../result.ts'
import type { BlockFaults } from './compare-faulty.ts'
import type { DamagedEvent } from './damaged.ts'
import { DamagedRows } from './damaged-rows.ts'
import { EVENT_KINDS, Expected, type FaultTerms, Kind, type MadeUp } from './expected.ts'
import { NewNames, renamesOf } from './new-names.ts'
import { NewestTimes, type TimesMemory } from './newest.ts'
import { spoken } from './spoken.ts'
import { addTo, type Cut, cutBetween, leastOf, noSpread, type Spread, total } from './spread.ts'
import { countRows, type FaultTally, mergeTally, noTally, sides } from './tally.ts'
import { noVersions, type Versions } from './versions.ts'

/** The fault that explains a difference. */
export interface Fault {
  /** See `EVENT_KINDS`. */
  kind: number
  text: string
}

/** A row that was found, as integers. */
export type FoundIntegers = readonly (number | null)[]

/** Where late rows stop being kept, and by which measure. */
export interface LateCut extends Cut {
  by: 'delay' | 'lag'
  /** Every missing row is older than the newest time that had arrived, and no length separates them from the others. */
  isMark?: boolean
}

interface Of {
  world: World
  table: FactName
  terms: FaultTerms
  period: { from: Second; until: Second }
  /** The compared columns, each with the place of its first integer, and the one of 0 if it is a number. */
  columns: readonly { name: string; kind: string; first: number; integers: number; zero?: number | undefined }[]
}

/** Puts each difference of a table down to the fault that explains it, and counts; `unexplained` has the others. */
export class Attribution {
  readonly of: Of
  readonly expected: Expected
  readonly tally: FaultTally = noTally()
  readonly damaged: DamagedEvent[]
  readonly further: number
  /** Ids of damaged events that can be read, and are rows. */
  readonly readableRows: Set<string>
  /** By kind of event: the differences that it explains. */
  readonly explained: Record<DifferenceKind, number>[] = EVENT_KINDS.map(none)
  readonly unexplained: Record<DifferenceKind, number> = none()
  /** By kind of event: missing rows that no fault explains. */
  readonly unexplainedMissing: number[] = EVENT_KINDS.map(() => 0)
  /** Missing rows that were looked at, by whether they arrived before the end of the period. */
  readonly missingRows = { before: 0, after: 0 }
  /** Events of which equal rows are there twice or more because they were sent as often. */
  repeated = 0
  /** Rows of copies that were sent again after a restart. */
  restarted = 0
  /** Rows of lost events, and damaged rows by the form of the damage. */
  lostRows = 0
  readonly forms = new Map<string, number>()
  readonly versions: Versions = noVersions()
  readonly names: NewNames
  late: LateCut | undefined
  ahead: Cut | undefined
  readonly rows: DamagedRows
  private readonly times: NewestTimes
  private readonly change: Change
  private readonly widened: ReadonlySet<string>

  constructor(of: Of, blocks: readonly BlockFaults[], times: TimesMemory) {
    this.times = new NewestTimes(times)
    this.times.finish()
    this.of = of
    this.expected = new Expected(of.world, of.terms, of.period)
    for (const { tally } of blocks) mergeTally(this.tally, tally)
    this.damaged = blocks.flatMap(({ damaged }) => damaged)
    this.further = blocks.reduce((n, { further }) => n + further, 0)
    this.readableRows = new Set(blocks.flatMap(({ readableRows }) => readableRows))
    this.rows = new DamagedRows(of.table, of.columns, this.damaged)
    this.change = changeOf(of.world, this.expected.fates, of.table)
    this.names = new NewNames(renamesOf(of.terms.profile, of.table), of.columns)
    const drifts = driftsOf(this.expected.fates, of.table)
    this.widened = new Set(drifts.flatMap((drift) => ('widen' in drift ? [drift.widen] : [])))
    // Store-days that are missing, or repeated, as a whole: faults befall single events.
    this.unexplained.missing += sum(this.tally.missing)
    this.unexplained.doubled += sum(this.tally.doubled)
  }

  /** Looks at all rows that were matched one by one, and finds the cuts. */
  survey(match: RowMatch): void {
    const lag = sides()
    this.times.keptIn(lag.kept)
    for (const { of, found, id } of match.events()) {
      countRows(this.tally, of, found)
      if (isJudged(of, found)) addTo(lag[found > 0 ? 'kept' : 'dropped'], this.lagOf(of))
      if (of.fate === Fate.malformed && found > 0) this.readableRows.add(id())
    }
    for (const id of this.readableRows) this.rows.isRow(id)
    const { delay, ahead } = this.tally
    const cuts = (['delay', 'lag'] as const).flatMap((by) => {
      const cut = cutBetween({ delay, lag }[by].kept, { delay, lag }[by].dropped)
      return cut && cut.to > 0 ? [{ ...cut, by }] : []
    })
    const errors = (cut: Cut) => cut.crossed - cut.above
    this.late = cuts.toSorted((a, b) => errors(a) - errors(b))[0]
    this.late = markIn(lag.dropped, this.late) ?? this.late
    const cut = cutBetween(ahead.kept, ahead.dropped)
    this.ahead = cut && cut.to > 0 ? cut : undefined
  }

  missing(of: Expected): Fault | undefined {
    const fault = this.whyMissing(of)
    if (!fault) this.unexplainedMissing[of.kind]++
    this.missingRows[of.first < this.of.period.until ? 'before' : 'after']++
    return this.put('missing', fault)
  }

  /** Equal rows, more than one. */
  doubled(of: Expected, copies: number): Fault | undefined {
    const isSent = copies <= of.copies && of.fate === Fate.duplicate
    const text = `duplicate: sent ${of.copies} times`
    // The column in which their copies differ may not be compared.
    const isOther = copies <= of.copies && (of.fate === Fate.changed || of.fate === Fate.corrected)
    if (isOther) {
      if (of.fate === Fate.corrected) this.versions.both++
      return this.put('doubled', { kind: of.fate, text: `${EVENT_KINDS[of.fate]}: both copies are kept` }, copies - 1)
    }
    if (isSent) this.repeated++
    else if (of.sentAgain && copies > of.arrived) {
      this.restarted += copies - 1
      return { kind: of.kind, text: 'repeats of a restart' }
    }
    return this.put('doubled', isSent ? { kind: Kind.duplicate, text } : undefined, copies - 1)
  }

  /** Rows of which at least one differs from what is expected. */
  different(
    kind: 'doubled' | 'changed',
    { match, place }: { match: RowMatch; place: Place },
    { expected, found, wrong }: { expected: readonly number[]; found: readonly FoundIntegers[]; wrong: Set<string> },
    weight: number,
  ): Fault | undefined {
    const of = match.eventAt(place)
    const filled = this.names.filled(of.time, expected, found, wrong, weight)
    const rows = filled?.found ?? found
    const fault = this.whyDifferent(of, match, place, expected, rows, filled?.wrong ?? wrong, filled?.columns, weight)
    return this.put(kind, fault, weight)
  }

  /** A row that must not be there. */
  dirty(form: string, rows: number): Fault {
    this.forms.set(form, (this.forms.get(form) ?? 0) + rows)
    return this.put('dirty', { kind: Kind.malformed, text: `malformed: ${form}` }, rows)!
  }

  /** Rows of an event that nobody meant. */
  deleted({ isOvertaken, isThere }: MadeUp, rows: number): Fault {
    this.versions[isOvertaken ? 'back' : 'still'] += rows
    const how = isThere ? 'sent once' : isOvertaken ? 'its deletion came first' : 'its deletion is not applied'
    return this.put('unexpected', { kind: Kind.deleted, text: `deleted: ${how}` }, rows)!
  }

  /** A row of an event that nobody received. */
  lost(rows: number): void {
    this.lostRows += rows
    this.unexplained.unexpected += rows
  }

  private whyMissing(of: Expected): Fault | undefined {
    const { late, ahead, tally } = this
    const by = late && (late.by === 'lag' ? this.lagOf(of) : of.delay)
    if (late && by !== undefined && by >= late.to) {
      const behind = `late by ${spoken(by)}`
      if (of.fate === Fate.late || of.fate === Fate.disorder) {
        const also = of.isSilent ? ' or silence' : ''
        return { kind: of.fate, text: `${of.fate === Fate.late ? '' : 'disorder, '}${behind}${also}` }
      }
      if (of.isSilent) return { kind: Kind.silence, text: `silence, ${behind}` }
      return { kind: Kind.skew, text: of.skew < 0 ? `skew, ${behind}` : 'skew: a clock was ahead' }
    }
    if (ahead && of.ahead >= ahead.to)
      return { kind: Kind.skew, text: `skew: its time was ${spoken(of.ahead)} ahead of its arrival` }
    if (of.isDrifted && tally.drifted.dropped > tally.drifted.kept * 9)
      return { kind: Kind.drift, text: 'drift: events have a new form' }
    return undefined
  }

  private whyDifferent(
    of: Expected,
    match: RowMatch,
    place: Place,
    expected: readonly number[],
    found: readonly FoundIntegers[],
    wrong: ReadonlySet<string>,
    emptied: readonly string[] | undefined,
    weight: number,
  ): Fault | undefined {
    if (emptied && found.every((row) => isSame(row, expected))) {
      if (found.length === 1) return { kind: Kind.drift, text: `drift: ${emptied.join(' and ')} has a new name` }
      if (of.fate === Fate.duplicate && found.length <= of.copies) {
        this.repeated++
        return { kind: Kind.duplicate, text: `duplicate: sent ${of.copies} times; drift` }
      }
    }
    if (of.fate === Fate.corrected && (found.length <= of.copies || of.sentAgain)) {
      const other = match.changedAt(place, (cells) => this.change[of.isMistaken ? 'undo' : 'apply'](cells, 0, of.key))
      if (found.every((row) => isSame(row, expected) || isSame(row, other))) {
        const isOvertaken = this.expected.fates.isOvertaken(of.fate, of.key)
        const how = found.length > 1 ? 'both' : isOvertaken ? 'overwritten' : 'unapplied'
        this.versions[how] += weight
        return { kind: Kind.corrected, text: `corrected: ${CORRECTED[how]}` }
      }
    }
    if (of.fate === Fate.changed && (found.length <= 2 || of.sentAgain)) {
      const isLast = this.of.terms.lastWins && of.arrived === 2
      const other = match.changedAt(place, (cells) => this.change[isLast ? 'undo' : 'apply'](cells, 0, of.key))
      if (found.every((row) => isSame(row, expected) || isSame(row, other)))
        return {
          kind: Kind.changed,
          text: `changed: ${found.length > 1 ? 'both copies are' : `the ${isLast ? 'first' : 'last'} copy is`} kept`,
        }
    }
    if (of.skew !== 0 && found.length === 1 && [...wrong].every((name) => this.kindOf(name) === 'instant')) {
      const { first } = this.of.columns.find(({ kind }) => kind === 'instant')!
      // The other time: the true one, or the one in the event.
      if (found[0][first] === expected[first] + of.skew - 2 * of.shift)
        return { kind: Kind.skew, text: `skew: the clock was wrong by ${spoken(Math.abs(of.skew))}` }
    }
    if (of.isDrifted && wrong.size > 0 && [...wrong].every((name) => this.widened.has(name)))
      return { kind: Kind.drift, text: 'drift: numbers have decimals' }
    return undefined
  }

  /** Seconds between the copies of rows of which one is there: a repeat that is too late is dropped like any late row. */
  removed(): { near: Spread; far: Spread } {
    const { late } = this
    const [near, far] = [noSpread(), noSpread()]
    for (const { at, sent, gap } of this.tally.removed) {
      const by = late?.by === 'lag' ? this.times.lag(at, sent) : at - sent
      addTo(late && by > Math.max(0, late.from) ? far : near, gap)
    }
    return { near, far }
  }

  private lagOf = (of: Expected) => this.times.lag(of.first, of.sent)

  private kindOf = (column: string) => this.of.columns.find(({ name }) => name === column)?.kind

  /** What explains many differences at once. */
  get causes(): string[] {
    const { before, after } = this.missingRows
    const isCut =
      this.of.terms.guessed && before === 0 && after > 0 && this.unexplained.missing === this.unexplainedLooked
    const isOther = this.lostRows >= FEW && this.lostRows * 2 > this.tally.sent[Kind.lost]
    return [
      ...this.names.sentences(this.tally.renamed),
      ...(isCut
        ? ['no missing row arrived before --until: if the stream was not drained, add --delivered with that instant']
        : []),
      ...(isOther ? ['most lost events are rows: these may not be the faults that were sent'] : []),
    ]
  }

  private get unexplainedLooked(): number {
    return sum(this.unexplainedMissing)
  }

  private put(kind: DifferenceKind, fault: Fault | undefined, rows = 1): Fault | undefined {
    if (fault) this.explained[fault.kind][kind] += rows
    else this.unexplained[kind] += rows
    return fault
  }
}

const CORRECTED = {
  both: 'both versions are kept',
  overwritten: 'the older version came later, and is kept',
  unapplied: 'the correction is not applied',
}

/** Fewer rows are no pattern. */
const FEW = 5
const MANY = 10
/** Seconds. What drops only rows that lie further behind has a watermark, if a soft one. */
const NEAR = 600

/**
 * A consumer that loads from time to time, and takes only what is newer than what it has, loses late rows of any length,
 * those that arrive between two loads: none that is as new as the newest one.
 */
function markIn(dropped: Spread, late: LateCut | undefined): LateCut | undefined {
  const n = total(dropped)
  if (n < MANY || dropped.n[0] > 0 || leastOf(dropped) > NEAR || (late && late.above >= late.below)) return undefined
  return { by: 'lag', isMark: true, from: 0, to: leastOf(dropped), above: n, below: 0, crossed: 0 }
}

function none(): Record<DifferenceKind, number> {
  return { missing: 0, doubled: 0, changed: 0, unexpected: 0, dirty: 0 }
}
const sum = (counts: readonly number[]) => counts.reduce((n, each) => n + each, 0)
/** Whether it says something about lateness that a row is there, or not. */
const isJudged = (of: Expected, found: number) =>
  of.inPeriod && of.arrived > 0 && of.fate !== Fate.malformed && (found > 0 || !of.isUnknown)
const isSame = (row: FoundIntegers, expected: readonly number[]) => expected.every((value, i) => row[i] === value)
