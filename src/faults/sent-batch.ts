import { ColumnBatch } from '../simulator/column-batch.ts'
import { facts } from '../tables/index.ts'
import { SECONDS_PER_DAY, type Second } from '../time.ts'
import type { World } from '../world/world.ts'
import { type Change, changeOf } from './changed-copy.ts'
import { type Fates, Form } from './fates.ts'

/** A row whose text differs from its cells. */
export interface Edit {
  /** Index of the row among those of its fact. */
  row: number
  /** Key of the event, for what the edit has to decide. */
  key: number
  malformed: boolean
  /** The time in the event, if it is not on the day of its id; the row itself has the right time. */
  time: Second | undefined
}

/** Forms of copies with other values than those of the event. */
const WRONG: readonly number[] = [Form.changed, Form.mistaken]

/** What arrives in a range of time: rows in order of arrival, and the edits that no cell can express. */
export class SentBatch extends ColumnBatch {
  /** By fact, in the order of rows. */
  readonly edits: Edit[][] = facts.map(() => [])
  /** The form of each copy, by fact; none if events have no versions. */
  readonly forms: number[][] = facts.map(() => [])
  readonly fates: Fates
  /** The instant at which the first of them arrives; infinite if there is none. */
  private first = Number.POSITIVE_INFINITY
  private readonly changes: Change[]

  constructor(world: World, fates: Fates) {
    super(world.schema === 'extended', 1 << 14)
    this.fates = fates
    this.changes = facts.map(({ name }) => changeOf(world, fates, name))
  }

  override clear(): void {
    super.clear()
    this.first = Number.POSITIVE_INFINITY
    for (const list of [...this.edits, ...this.forms]) list.length = 0
  }

  override firstSecond(): Second {
    return this.first
  }

  /** Appends a copy of the row of the fact at that index of another batch; it arrives at `at`. */
  add(
    at: Second,
    from: ColumnBatch,
    fact: number,
    row: number,
    store: number,
    day: number,
    number: number,
    form: number,
  ): void {
    const { fates } = this
    if (at < this.first) this.first = at
    this.append(from, fact, row, store, day, number)
    if (fates.hasVersions) this.forms[fact].push(form)
    const skew = fates.skewOf(store, day)
    if (form === Form.clean && skew === 0) return
    const key = fates.eventKey(fates.spanKey(fact, day, store), number)
    const { rows: cells } = this.facts[facts[fact].name]
    const added = cells.n - 1
    if (WRONG.includes(form)) this.changes[fact].apply(cells as unknown as Record<string, Int32Array>, added, key)
    const second = cells.second[added] + skew
    const sameDay = second >= 0 && second < SECONDS_PER_DAY
    if (sameDay) cells.second[added] = second
    if (form === Form.malformed || !sameDay)
      this.edits[fact].push({
        ...{ row: added, key, malformed: form === Form.malformed },
        time: sameDay ? undefined : day * SECONDS_PER_DAY + second,
      })
  }
}
