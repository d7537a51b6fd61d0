import { FAULT_KINDS, type FaultKind, type FaultProfile } from '../../config/fault-kinds.ts'
import { deletedNumber, driftsOf, Fate, Fates, Form, malformationOf, READABLE } from '../../faults/index.ts'
import { type FactName, facts, indexOfFact } from '../../tables/index.ts'
import type { Day, Second } from '../../time.ts'
import type { World } from '../../world/world.ts'
import { type Rename, renamesOf } from './new-names.ts'

/** What was done to the events, and what their consumer promises. Plain data, for threads. */
export interface FaultTerms {
  profile: FaultProfile
  /** Copies that arrive before it were delivered; infinite: all of them were. */
  delivered: Second
  /** Whether `delivered` is what somebody said. */
  guessed: boolean
  /** The destination whose record says it. */
  record?: string | undefined
  /** Copies that arrive in these periods were sent again, because a stream ended before it recorded them as safe. */
  repeats?: readonly { from: Second; to: Second }[] | undefined
  /** Of copies that arrived less than this many seconds before `delivered`, nobody knows. */
  settle: number
  /** Rows whose first copy arrives more seconds than this after the time in it may be absent. */
  lateness: number | undefined
  /** The last copy that was delivered is right, not the first one. */
  lastWins: boolean
  /** Where a clock was wrong, the true time is right, not the time in the event. */
  trueTimes: boolean
}

/** Whether a row has to be there. */
export const Need = { must: 0, may: 1, mustNot: 2 } as const

/** What can happen to an event, as codes: its drawn kind, otherwise what else befalls it. */
export const EVENT_KINDS: readonly ('clean' | FaultKind)[] = ['clean', ...FAULT_KINDS]
export const Kind = Object.fromEntries(EVENT_KINDS.map((kind, code) => [kind, code])) as Record<
  'clean' | FaultKind,
  number
>

/** An event that nobody meant, beside one of the world. */
export interface MadeUp {
  number: number
  /** When its first copy arrives. */
  first: Second
  /** Copies that were delivered. */
  arrived: number
  /** Its deletion arrives before it does. */
  isOvertaken: boolean
  /** It is there, because only its deletion is still on its way. */
  isThere: boolean
}

/** What a consumer's table must hold after the faults of a profile: one event at a time, in the fields of this object. */
export class Expected {
  readonly terms: FaultTerms
  readonly fates: Fates
  /** Of the store-day that `begin` names: the seconds by which the store's clock was wrong. */
  skew = 0
  /** And those by which the right times differ from the true ones. */
  shift = 0
  /** Of the event that `event` looks at. */
  key = 0
  fate = 0
  kind = 0
  /** Copies that were sent, and those of them that were delivered. */
  copies = 0
  arrived = 0
  time: Second = 0
  /** When its first copy arrived, and the time in it. */
  first: Second = 0
  sent: Second = 0
  /** It is absent, or not, for a reason of its own: it was sent just before the end, or later than the policy allows. */
  isUnknown = false
  isExcused = false
  isOnItsWay = false
  inPeriod = false
  isSilent = false
  isDrifted = false
  /** Its first version arrived, which has a wrong value, and its correction is still on its way. */
  isMistaken = false

  private readonly from: Second
  private readonly until: Second
  private readonly ids: World['ids']
  /** New names of columns of the table that `begin` names. */
  renames: readonly Rename[] = []
  private readonly renamesOf: readonly Rename[][]
  private readonly driftFrom: readonly Second[]
  private spanKey = 0
  private silences: ReturnType<Fates['silencesOf']> = []
  private drift: Second = Number.POSITIVE_INFINITY

  constructor(world: World, terms: FaultTerms, { from, until }: { from: Second; until: Second }) {
    this.terms = terms
    this.ids = world.ids
    this.from = from
    this.until = until
    this.fates = new Fates(terms.profile, world.seed)
    this.renamesOf = facts.map(({ name }) => renamesOf(terms.profile, name))
    this.driftFrom = facts.map(({ name }) => Math.min(...driftsOf(this.fates, name).map(({ at }) => at)))
  }

  begin(table: FactName, store: number, day: Day): void {
    const fact = indexOfFact(table)
    this.spanKey = this.fates.spanKey(fact, day, store)
    this.silences = this.fates.silencesOf(store, day)
    this.skew = this.fates.skewOf(store, day)
    this.shift = this.terms.trueTimes ? 0 : this.skew
    this.drift = this.driftFrom[fact]
    this.renames = this.renamesOf[fact]
  }

  /** Looks at an event by its number and the time at which it happened. */
  event(number: number, time: Second): number {
    const { fates, silences, skew, terms } = this
    const { delivered, settle, lateness } = terms
    this.key = fates.eventKey(this.spanKey, number)
    this.fate = fates.fateOf(this.key)
    this.copies = fates.copiesOf(this.fate, this.key, time, silences)
    this.first = fates.at[0]
    this.time = time
    this.sent = time + skew
    this.inPeriod = time >= this.from && time < this.until
    this.isSilent = silences.length > 0 && fates.isSilent(time, silences)
    this.isDrifted = time >= this.drift
    this.isUnknown = this.isExcused = false
    this.kind =
      this.fate !== Fate.clean
        ? this.fate
        : this.isSilent
          ? Kind.silence
          : skew !== 0
            ? Kind.skew
            : this.isDrifted
              ? Kind.drift
              : Kind.clean
    this.arrived = 0
    while (this.arrived < this.copies && fates.at[this.arrived] < delivered) this.arrived++
    this.isMistaken =
      this.fate === Fate.corrected && this.arrived === 1 && fates.formOf(this.fate, 0, this.key) === Form.mistaken
    this.isOnItsWay = this.copies > 0 && this.arrived === 0
    if (this.fate === Fate.lost) return Need.mustNot
    if (this.fate === Fate.malformed)
      return READABLE.includes(malformationOf(fates, this.key)) ? Need.may : Need.mustNot
    if (!this.inPeriod || this.isOnItsWay) return Need.may
    this.isUnknown = this.first >= delivered - settle
    this.isExcused = lateness !== undefined && this.delay > lateness
    return this.isUnknown || this.isExcused ? Need.may : Need.must
  }

  /**
   * The event that nobody meant, beside the one that `event` looked at; undefined if there is none. The instants of
   * copies are its own from then on.
   */
  madeUp(number: number): MadeUp | undefined {
    const { fates, terms, time, silences } = this
    if (!fates.hasDeleted(this.key)) return undefined
    const other = deletedNumber(number, this.ids)
    const key = fates.eventKey(this.spanKey, other)
    const copies = fates.copiesOf(Fate.deleted, key, time, silences)
    let arrived = 0
    while (arrived < copies && fates.at[arrived] < terms.delivered) arrived++
    const isOvertaken = fates.isOvertaken(Fate.deleted, key)
    return {
      ...{ number: other, first: fates.at[0], arrived, isOvertaken },
      isThere: arrived < copies && !(isOvertaken && arrived === 1),
    }
  }

  /**
   * Whether an event has two right rows, because its second copy is on its way: a consumer that is ahead has it already.
   */
  get isBetweenVersions(): boolean {
    return this.fate === Fate.corrected && (this.isMistaken || this.isOnItsWay)
  }

  /** When a copy of the event arrived. */
  at = (copy: number): Second => this.fates.at[copy]

  /** Whether a delivered copy of it was sent again. */
  get sentAgain(): boolean {
    const { repeats } = this.terms
    if (!repeats) return false
    for (const { from, to } of repeats)
      for (let copy = 0; copy < this.arrived; copy++) if (this.at(copy) >= from && this.at(copy) < to) return true
    return false
  }

  /** Seconds by which its first copy arrived after the time in it. */
  get delay(): number {
    return Math.max(0, this.first - this.sent)
  }

  /** Seconds by which the time in it lies after its arrival. */
  get ahead(): number {
    return Math.max(0, this.sent - this.first)
  }
}
