import { Fate } from '../../faults/index.ts'
import type { Place, RowMatch } from '../match.ts'
import type { DifferenceKind } from '../result.ts'
import type { BlockFaults } from './compare-faulty.ts'
import type { DamagedEvent } from './damaged.ts'
import { DamagedRows } from './damaged-rows.ts'
import { EVENT_KINDS, Expected, Kind, type MadeUp } from './expected.ts'
import { delayCut, type LateCut, lateCutIn } from './late-cut.ts'
import { NewestTimes, type TimesMemory } from './newest.ts'
import { spoken } from './spoken.ts'
import { addTo, type Cut, noSpread, type Spread } from './spread.ts'
import { countRows, type FaultTally, mergeTally, noTally, sides } from './tally.ts'
import { type Fault, type FaultyComparison, type WrongRows, WrongValues } from './wrong-values.ts'

/** Puts each difference of a table down to the fault that explains it, and counts; `unexplained` has the others. */
export class Attribution {
  readonly of: FaultyComparison
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
  /** Rows of copies that were sent again after a restart. */
  restarted = 0
  /** Rows of lost events, and damaged rows by the form of the damage. */
  lostRows = 0
  readonly forms = new Map<string, number>()
  readonly values: WrongValues
  late: LateCut | undefined
  ahead: Cut | undefined
  readonly rows: DamagedRows
  private readonly times: NewestTimes

  constructor(of: FaultyComparison, blocks: readonly BlockFaults[], times: TimesMemory) {
    this.times = new NewestTimes(times)
    this.times.finish()
    this.of = of
    this.expected = new Expected(of.world, of.terms, of.period)
    for (const { tally } of blocks) mergeTally(this.tally, tally)
    this.damaged = blocks.flatMap(({ damaged }) => damaged)
    this.further = blocks.reduce((n, { further }) => n + further, 0)
    this.readableRows = new Set(blocks.flatMap(({ readableRows }) => readableRows))
    this.rows = new DamagedRows(of.table, of.columns, this.damaged)
    this.values = new WrongValues(of, this.expected)
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
    this.late = lateCutIn({ delay, lag })
    this.ahead = delayCut(ahead)
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
      if (of.fate === Fate.corrected) this.values.versions.both++
      return this.put('doubled', { kind: of.fate, text: `${EVENT_KINDS[of.fate]}: both copies are kept` }, copies - 1)
    }
    if (isSent) this.values.repeated++
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
    rows: WrongRows,
    weight: number,
  ): Fault | undefined {
    const fault = this.values.why({ ...rows, match, place, of: match.eventAt(place), weight })
    return this.put(kind, fault, weight)
  }

  /** A row that must not be there. */
  dirty(form: string, rows: number): Fault {
    this.forms.set(form, (this.forms.get(form) ?? 0) + rows)
    return this.put('dirty', { kind: Kind.malformed, text: `malformed: ${form}` }, rows)!
  }

  /** Rows of an event that nobody meant. */
  deleted({ isOvertaken, isThere }: MadeUp, rows: number): Fault {
    this.values.versions[isOvertaken ? 'back' : 'still'] += rows
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

  /** What explains many differences at once. */
  get causes(): string[] {
    const { before, after } = this.missingRows
    const isCut =
      this.of.terms.guessed && before === 0 && after > 0 && this.unexplained.missing === this.unexplainedLooked
    const isOther = this.lostRows >= FEW && this.lostRows * 2 > this.tally.sent[Kind.lost]
    return [
      ...this.values.names.sentences(this.tally.renamed),
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

/** Fewer rows are no pattern. */
const FEW = 5

function none(): Record<DifferenceKind, number> {
  return { missing: 0, doubled: 0, changed: 0, unexpected: 0, dirty: 0 }
}
const sum = (counts: readonly number[]) => counts.reduce((n, each) => n + each, 0)
/** Whether it says something about lateness that a row is there, or not. */
const isJudged = (of: Expected, found: number) =>
  of.inPeriod && of.arrived > 0 && of.fate !== Fate.malformed && (found > 0 || !of.isUnknown)
