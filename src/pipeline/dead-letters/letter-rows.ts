import type { AppendRow, Broker, DeadLetter, Delivery, LetterState } from '../../ports/index.ts'
import { byFact, type FactName, facts, keyOf, tables } from '../../tables/index.ts'
import { parseDay, parseSecond, SECONDS_PER_DAY, type Second } from '../../time.ts'
import { ownIdCheck } from '../../truth/own-ids.ts'
import type { World } from '../../world/world.ts'
import { type RowReader, rowReader } from '../live/event-rows.ts'

type Message = Pick<Delivery, 'data' | 'attributes'>

/** Makes the rows of messages that are not in their table. */
export interface LetterRows {
  /** A message that a loader or the warehouse rejected. */
  rejected(table: FactName, delivery: Delivery, reason: string): AppendRow
  /** A message that the broker has given up on. */
  forwarded(delivery: Delivery): AppendRow
}

export function letterRows(broker: Broker, world: World): LetterRows {
  const read = byFact((name) => rowReader(name, world))
  const eventOf = eventReader(world)

  function rowOf(subscription: string, table: FactName | undefined, delivery: Delivery, reason: string): AppendRow {
    const event = table && eventOf(table, delivery)
    return {
      received_at: Date.now() * 1_000,
      subscription,
      message_id: delivery.messageId,
      reason,
      attributes: JSON.stringify(delivery.attributes),
      data: Buffer.from(delivery.data).toString('base64'),
      fact: table ?? null,
      event_id: event?.id ?? null,
      event_time: event ? event.second * 1_000_000 : null,
    }
  }

  return {
    rejected: (table, delivery, reason) => rowOf(broker.subscriptionOf(table), table, delivery, reason),
    forwarded(delivery) {
      const { table, gaveUp } = originOf(broker, delivery)
      return rowOf(
        broker.subscriptionOf('dead_letter'),
        table,
        delivery,
        reasonOf(table && read[table], delivery, gaveUp),
      )
    },
  }
}

function originOf(broker: Broker, { attributes }: Delivery): { table: FactName | undefined; gaveUp: string } {
  const origin = broker.originOf(attributes)
  // The subscription may be one of an earlier config.
  const table = origin?.table ?? facts.find(({ name }) => name === attributes.table)?.name
  if (!origin) return { table, gaveUp: 'somebody sent it to the dead-letter topic' }
  const { subscription, attempts } = origin
  return { table, gaveUp: `${broker.product} gave up after ${attempts} attempts to deliver it to ${subscription}` }
}

/** The broker gives no reason, but we can tell an invalid event from one that the warehouse did not take. */
function reasonOf(read: RowReader | undefined, delivery: Delivery, gaveUp: string): string {
  const row = read?.(delivery)
  return typeof row === 'string' ? `${row}; ${gaveUp}` : gaveUp
}

/**
 * The event of this world that a message carries, even if its body is damaged: the publisher writes world and id into
 * the attributes. Without a readable instant it counts from the midnight of its day.
 */
export function eventReader(
  world: World,
): (table: FactName, message: Message) => { id: string; second: Second } | undefined {
  const checks = byFact((name) => ownIdCheck(name, world))
  return (table, { data, attributes }) => {
    if (attributes.world !== world.id) return undefined
    const body = bodyOf(data)
    const id = attributes.id ?? body[keyOf(tables[table])]
    if (typeof id !== 'string') return undefined
    const compact = id.slice(1, 7)
    if (checks[table](id, compact) === undefined) return undefined
    const day = parseDay(compact.replace(/^(..)(..)(..)$/, '20$1-$2-$3'))
    if (day === undefined) return undefined
    const second = typeof body.timestamp === 'string' ? parseSecond(body.timestamp) : undefined
    const isOfDay = second !== undefined && Math.floor(second / SECONDS_PER_DAY) === day
    return { id, second: isOfDay ? second : day * SECONDS_PER_DAY }
  }
}

function bodyOf(data: Uint8Array): Record<string, unknown> {
  try {
    const body: unknown = JSON.parse(Buffer.from(data).toString('utf8'))
    return typeof body === 'object' && body !== null ? (body as Record<string, unknown>) : {}
  } catch {
    // Only bytes in memory are parsed.
    return {}
  }
}

/** The row that gives a letter a state. */
export const markRow = (
  { receivedAt, subscription, id, reason, attributes, data, table, event }: DeadLetter,
  mark: { state: Exclude<LetterState, 'open'>; by: string; note?: string | undefined },
): AppendRow => ({
  received_at: Date.parse(receivedAt) * 1_000,
  subscription,
  message_id: id,
  reason,
  attributes: JSON.stringify(attributes),
  data: Buffer.from(data).toString('base64'),
  fact: table ?? null,
  event_id: event?.id ?? null,
  event_time: event ? Date.parse(event.at) * 1_000 : null,
  state: mark.state,
  marked_at: Date.now() * 1_000,
  marked_by: mark.by,
  note: mark.note ?? null,
})
