import { DRAWN, DRAWN_KINDS, type FaultProfile, MADE_UP, type Op, type Step, VERSIONED } from '../config/fault-kinds.ts'
import { scramble } from '../random/rng.ts'
import { type Day, SECONDS_PER_DAY, type Second } from '../time.ts'

/** The kinds drawn for an event, as codes, and that of events which are none of the world; 0 is an event without one. */
export const FATES = ['clean', ...DRAWN_KINDS, ...MADE_UP] as const
export const Fate = Object.fromEntries(FATES.map((kind, code) => [kind, code])) as Record<
  (typeof FATES)[number],
  number
>

/** The content of a copy. */
export const FORMS = ['clean', 'malformed', 'changed', 'mistaken', 'correction', 'deletion'] as const
export const Form = { clean: 0, malformed: 1, changed: 2, mistaken: 3, correction: 4, deletion: 5 } as const

/** The operation and version of a copy, by its form. */
const VERSIONS: readonly { op: Op; version: number }[] = FORMS.map((form) => {
  if (form === 'correction') return { op: 'update', version: 2 }
  return form === 'deletion' ? { op: 'delete', version: 2 } : { op: 'insert', version: 1 }
})

/** Most copies of one event: the first, and those of a profile's `copies`. */
export const MOST_COPIES = 9

/** A period of silence of a store: events in [from, to) leave it after `to`. */
export interface Silence {
  from: Second
  to: Second
}

/**
 * The number of the event that is sent beside another one and that nobody meant: no day of a store has half as many
 * rows as its ids can number.
 */
export const deletedNumber = (number: number, { most }: { most: number }): number => number + most / 2

/** The event beside which it is sent. */
export const besideDeleted = (number: number, { most }: { most: number }): number => number - most / 2

/** A unit of chance in [0, 1) from a key and the number of a decision. */
const unit = (key: number, decision: number): number =>
  (scramble(key ^ Math.imul(decision + 1, 0x27d4eb2f)) >>> 0) / 4_294_967_296

function pick(steps: readonly Step[], which: number, where: number): number {
  let before = 0
  let last = steps[0]
  for (last of steps) {
    before += last.share
    if (which < before) break
  }
  return last.from + Math.floor((last.to - last.from) * where)
}

/** Purposes of keys. The number is part of the key, so these values never change. */
const Purpose = { event: 1, silence: 2, skew: 3 } as const

/** Numbers of decisions about the content of an event; smaller ones belong to the instants of its copies. */
const CONTENT = { malformation: 32, cut: 33, change: 34, added: 35, overtaken: 36, deleted: 37 } as const

/**
 * What happens to each event: a pure function of seed, profile, and the event's id (table, day, store, number). An
 * event's place among others, the pace, and restarts have no influence.
 *
 * One hash per event decides its drawn kind. Each kind owns a fixed part of the hash's range (`DRAWN`) and uses as
 * much of it as its rate says, so that a higher rate adds events of that kind and moves no other event.
 */
export class Fates {
  readonly profile: FaultProfile
  /** Seconds by which the last copy of an event can follow it. */
  readonly longest: number
  /** Events say their operation and their version. */
  readonly hasVersions: boolean
  private readonly base: number
  /** By the hash's highest byte: the kind that owns it. By kind: where its part begins, and what it uses of it. */
  private readonly owner = new Uint8Array(256)
  private readonly begins = new Float64Array(FATES.length)
  private readonly uses = new Float64Array(FATES.length)
  /** Instants of the copies of the last event; see `copiesOf`. */
  readonly at = new Float64Array(MOST_COPIES)

  constructor(profile: FaultProfile, seed: number) {
    this.profile = profile
    this.base = scramble(scramble(seed ^ 0x51ed270b) ^ Math.imul(profile.seed + 1, 0x9e3779b1))
    for (const kind of DRAWN_KINDS) {
      const { from, parts } = DRAWN[kind]
      const fate = Fate[kind]
      this.owner.fill(fate, from, from + parts)
      this.begins[fate] = from * 2 ** 24
      this.uses[fate] = Math.round((profile[kind]?.rate ?? 0) * 2 ** 32)
    }
    this.hasVersions = VERSIONED.some((kind) => profile[kind] !== undefined)
    this.longest = Math.min(profile.max, longestOf(profile))
  }

  /** Seconds by which a copy follows its event, summed over the copies of an event; the mean of all events. */
  get meanDelay(): number {
    const { changed, duplicate, late, disorder, corrected, deleted, silence } = this.profile
    const copies = duplicate?.copies.reduce((sum, share, i) => sum + (share * (i + 1) * (i + 2)) / 2, 0) ?? 0
    return (
      (changed ? changed.rate * meanOf(changed.after) : 0) +
      (duplicate ? duplicate.rate * copies * meanOf(duplicate.after) : 0) +
      (late ? late.rate * meanOf(late.by) : 0) +
      (disorder ? (disorder.rate * disorder.within) / 2 : 0) +
      (corrected ? corrected.rate * meanOf(corrected.after) : 0) +
      (deleted ? deleted.rate * meanOf(deleted.after) : 0) +
      (silence ? (silence.rate * ((silence.from + silence.to) / 2) ** 2) / 2 / SECONDS_PER_DAY : 0)
    )
  }

  /** The key of a store's events of a fact on a day. `table`: index in the list of facts. */
  spanKey(table: number, day: Day, store: number): number {
    return this.keyOf(Purpose.event, day, store * 16 + table)
  }

  /** The key of an event, by the number in its id. */
  eventKey(spanKey: number, number: number): number {
    return scramble(spanKey ^ Math.imul(number + 1, 0xc2b2ae3d))
  }

  fateOf(eventKey: number): number {
    const draw = eventKey >>> 0
    const fate = this.owner[draw >>> 24]
    return draw - this.begins[fate] < this.uses[fate] ? fate : Fate.clean
  }

  /** Whether an event that nobody meant is sent beside this one. Its own key says the rest. */
  hasDeleted(eventKey: number): boolean {
    const { deleted } = this.profile
    return deleted !== undefined && unit(eventKey, CONTENT.deleted) < deleted.rate
  }

  /**
   * Writes the instants at which copies of an event arrive to `at`, in order, none before the event. Returns their
   * number: 0 for an event that is lost.
   */
  copiesOf(fate: number, eventKey: number, second: Second, silences: readonly Silence[]): number {
    const { at, profile } = this
    at[0] = silences.length === 0 ? second : this.afterSilence(second, silences)
    switch (FATES[fate]) {
      case 'lost':
        return 0
      case 'late':
        return this.put(1, second, at[0] + pick(profile.late!.by, unit(eventKey, 1), unit(eventKey, 2)), 0)
      case 'disorder':
        return this.put(1, second, at[0] + 1 + Math.floor(unit(eventKey, 1) * profile.disorder!.within), 0)
      case 'changed':
        return this.put(2, second, at[0] + pick(profile.changed!.after, unit(eventKey, 1), unit(eventKey, 2)), 1)
      case 'corrected':
      case 'deleted': {
        const { after } = profile[FATES[fate]]!
        const gap = Math.max(1, pick(after, unit(eventKey, 1), unit(eventKey, 2)))
        return this.put(2, second, at[0] + gap, 1)
      }
      case 'duplicate': {
        const { copies, after } = profile.duplicate!
        const which = unit(eventKey, 0)
        let further = 1
        for (let before = copies[0]; further < copies.length && which >= before; before += copies[further++]);
        for (let copy = 1; copy <= further; copy++) {
          const gap = pick(after, unit(eventKey, 2 * copy - 1), unit(eventKey, 2 * copy))
          this.put(copy + 1, second, at[copy - 1] + Math.max(1, gap), copy)
        }
        return further + 1
      }
      default:
        return 1
    }
  }

  /** The form of a copy. */
  formOf(fate: number, copy: number, eventKey: number): number {
    switch (FATES[fate]) {
      case 'malformed':
        return Form.malformed
      case 'changed':
        return copy === 1 ? Form.changed : Form.clean
      case 'corrected':
        return (copy === 1) === this.isOvertaken(fate, eventKey) ? Form.mistaken : Form.correction
      case 'deleted':
        return (copy === 1) === this.isOvertaken(fate, eventKey) ? Form.clean : Form.deletion
      default:
        return Form.clean
    }
  }

  /** Whether the second version of an event arrives before the first one. */
  isOvertaken(fate: number, eventKey: number): boolean {
    const kind = FATES[fate]
    if (kind !== 'corrected' && kind !== 'deleted') return false
    return unit(eventKey, CONTENT.overtaken) < this.profile[kind]!.overtaken
  }

  /** The operation and version of a copy of this form; undefined if events have none. */
  versionOf(form: number): { op: Op; version: number } | undefined {
    return this.hasVersions ? VERSIONS[form] : undefined
  }

  /** The silences of a store that events of this day may meet: those that began on it or on the day before. */
  silencesOf(store: number, day: Day): Silence[] {
    const { silence } = this.profile
    if (!silence) return NONE
    let found = NONE
    for (const began of [day - 1, day]) {
      const key = this.keyOf(Purpose.silence, began, store)
      if (unit(key, 0) >= silence.rate) continue
      const from = began * SECONDS_PER_DAY + Math.floor(unit(key, 1) * SECONDS_PER_DAY)
      const to = from + silence.from + Math.floor(unit(key, 2) * (silence.to - silence.from))
      if (to > day * SECONDS_PER_DAY) found = [...found, { from, to }]
    }
    return found
  }

  isSilent(second: Second, silences: readonly Silence[]): boolean {
    return silences.some(({ from, to }) => second >= from && second < to)
  }

  /** Seconds by which the store's clock was wrong on a day. */
  skewOf(store: number, day: Day): number {
    const { skew } = this.profile
    if (!skew) return 0
    const key = this.keyOf(Purpose.skew, day, store)
    return unit(key, 0) < skew.rate ? skew.from + Math.floor(unit(key, 1) * (skew.to - skew.from)) : 0
  }

  /** A decision about the content of an event, in [0, n). */
  choose(what: keyof typeof CONTENT, eventKey: number, n: number): number {
    return Math.floor(unit(eventKey, CONTENT[what]) * n)
  }

  private keyOf(purpose: number, day: Day, place: number): number {
    return scramble(scramble(this.base ^ Math.imul(day * 4 + purpose, 0x9e3779b1)) ^ Math.imul(place + 1, 0x85ebca77))
  }

  private put(copies: number, second: Second, at: Second, copy: number): number {
    this.at[copy] = Math.min(at, second + this.profile.max)
    return copies
  }

  private afterSilence(second: Second, silences: readonly Silence[]): Second {
    let at = second
    for (const { from, to } of silences)
      if (at >= from && at < to) at = to + Math.floor((at - from) / this.profile.silence!.catchUp)
    return Math.min(at, second + this.profile.max)
  }
}

const NONE: Silence[] = []

const meanOf = (steps: readonly Step[]): number =>
  steps.reduce((sum, { share, from, to }) => sum + (share * (from + to)) / 2, 0)
const lastOf = (steps: readonly Step[]): number => Math.max(...steps.map(({ to }) => to))

/** The largest displacement of a copy, before `max` limits it. */
function longestOf({ changed, duplicate, late, disorder, corrected, deleted, silence }: FaultProfile): number {
  const drawn = [
    changed ? lastOf(changed.after) : 0,
    duplicate ? lastOf(duplicate.after) * duplicate.copies.length : 0,
    late ? lastOf(late.by) : 0,
    disorder ? disorder.within + 1 : 0,
    corrected ? lastOf(corrected.after) : 0,
    deleted ? lastOf(deleted.after) : 0,
  ]
  // Two silences may follow each other; each releases its events within a part of its own length.
  return Math.max(...drawn) + (silence ? 2 * silence.to * (1 + 1 / silence.catchUp) : 0)
}
