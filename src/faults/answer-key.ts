import { createHash } from 'node:crypto'
import type { AmbientKind, FaultKind, Malformation, Op } from '../config/fault-kinds.ts'
import { eventsOf } from '../encode/events.ts'
import { type BlockCursor, simulateDays, simulateHour } from '../simulator/block.ts'
import { ColumnBatch } from '../simulator/column-batch.ts'
import { type FactName, indexOfFact } from '../tables/index.ts'
import { type Day, formatSecond, SECONDS_PER_DAY, type Second } from '../time.ts'
import type { World } from '../world/world.ts'
import { driftsOf, edited, malformationOf, versioned } from './events.ts'
import { deletedNumber, FATES, Fate, type Fates, FORMS, Form } from './fates.ts'
import { READABLE } from './spoil.ts'

/** A copy of an event: when it arrives, and what it contains. */
export interface Sent {
  at: string
  copy: number
  form: (typeof FORMS)[number]
  /** Its operation and version, if events have them. */
  op?: Op
  version?: number
  /** Of the bytes, for a malformed copy. */
  sha256?: string
}

/** What a right consumer has in the end. */
export type Right =
  /** One row, with the values of the copy that arrived first. */
  | 'keep-one'
  /** One row, with the values of the highest version. */
  | 'keep-newest'
  /** No row. */
  | 'absent'
  /** No row; the event is among its dead letters. */
  | 'quarantine'
  /** One row, or the event among its dead letters. */
  | 'either'

/** What a profile does to one event. Events to which it does nothing have none. */
export interface Answer {
  id: string
  table: FactName
  kind: FaultKind
  /** What else befalls it. */
  also?: AmbientKind[]
  form?: Malformation
  event_time: string
  /** The time in the event, if the store's clock was wrong. */
  sent_time?: string
  sent: Sent[]
  right: Right
}

/**
 * The answers about the events of a table on the days [from, to), in the order of ids. The cursors of all blocks are at
 * or before the first day.
 */
export function* answersOf(
  world: World,
  fates: Fates,
  table: FactName,
  cursors: readonly BlockCursor[],
  from: Day,
  to: Day,
): Generator<Answer> {
  const batch = new ColumnBatch(world.schema === 'extended')
  for (const cursor of cursors) {
    while (cursor.hour % 24 !== 0) {
      simulateHour(world, cursor, batch)
      batch.clear()
    }
    simulateDays(world, cursor, from, batch, () => batch.clear())
  }
  for (let day = from; day < to; day++)
    for (const cursor of cursors) {
      batch.clear()
      simulateDays(world, cursor, day + 1, batch)
      yield* answersIn(world, fates, table, batch)
    }
}

function* answersIn(world: World, fates: Fates, table: FactName, batch: ColumnBatch): Generator<Answer> {
  const tableIndex = indexOfFact(table)
  const { spans } = batch
  const { rows, length, first } = batch.facts[table]
  const drifts = driftsOf(fates, table)
  const lines = eventsOf(world, table, batch)
  for (let span = 0, row = 0; span < spans.n; span++) {
    const store = spans.store[span]
    const day = spans.day[span]
    const spanKey = fates.spanKey(tableIndex, day, store)
    const silences = fates.silencesOf(store, day)
    const skew = fates.skewOf(store, day)
    // Those that nobody meant have higher numbers.
    const deleted: { id: string; key: number; time: Second }[] = []
    for (let number = first[span], end = row + length[span]; row < end; row++, number++) {
      const { id, data } = lines.next().value!
      const key = fates.eventKey(spanKey, number)
      const time = day * SECONDS_PER_DAY + rows.second[row]
      if (fates.hasDeleted(key)) {
        const other = deletedNumber(number, world.ids)
        deleted.push({ id: withNumber(id, other, world), key: fates.eventKey(spanKey, other), time })
      }
      const answer = answerOf(id, key, fates.fateOf(key), time, data)
      if (answer) yield answer
    }
    for (const { id, key, time } of deleted) yield answerOf(id, key, Fate.deleted, time)!

    /** `line`: the event without faults, of one that may be malformed. */
    function answerOf(id: string, key: number, fate: number, time: Second, line = ''): Answer | undefined {
      const copies = fates.copiesOf(fate, key, time, silences)
      const drifted = drifts.filter(({ at }) => time >= at)
      const ambient: AmbientKind[] = []
      if (fates.isSilent(time, silences)) ambient.push('silence')
      if (skew !== 0) ambient.push('skew')
      if (drifted.length > 0) ambient.push('drift')
      if (fate === Fate.clean && ambient.length === 0) return undefined
      const malformed = fate === Fate.malformed
      const bytes = () => {
        const version = fates.versionOf(Form.malformed)
        const sent = version ? versioned(line, version, false) : line
        return edited(fates, table, sent, drifted, key, { malformed, time: skew === 0 ? undefined : time + skew })
      }
      const kind = fate === Fate.clean ? ambient.shift()! : (FATES[fate] as FaultKind)
      return {
        ...{ id, table, kind },
        ...(ambient.length > 0 && { also: ambient }),
        ...(malformed && { form: malformationOf(fates, key) }),
        event_time: formatSecond(time),
        ...(skew !== 0 && { sent_time: formatSecond(time + skew) }),
        sent: Array.from({ length: copies }, (_, copy) => ({
          ...{ at: formatSecond(fates.at[copy]), copy, form: FORMS[fates.formOf(fate, copy, key)] },
          ...fates.versionOf(fates.formOf(fate, copy, key)),
          ...(malformed && { sha256: createHash('sha256').update(bytes()).digest('hex') }),
        })),
        right: rightOf(fate, malformed ? malformationOf(fates, key) : undefined),
      }
    }
  }
}

/** The id with another number: of the same table, day, and store. */
const withNumber = (id: string, number: number, { ids }: World): string =>
  id.slice(0, -ids.number) + String(number).padStart(ids.number, '0')

function rightOf(fate: number, form: Malformation | undefined): Right {
  if (form !== undefined) return READABLE.includes(form) ? 'either' : 'quarantine'
  if (fate === Fate.corrected) return 'keep-newest'
  return fate === Fate.lost || fate === Fate.deleted ? 'absent' : 'keep-one'
}

/** The copies of an answer that arrive before an instant, and those that are still on their way then. */
export function atInstant(answer: Answer, until: Second): { arrived: Sent[]; onTheirWay: Sent[] } {
  const limit = formatSecond(until)
  return {
    arrived: answer.sent.filter(({ at }) => at < limit),
    onTheirWay: answer.sent.filter(({ at }) => at >= limit),
  }
}
