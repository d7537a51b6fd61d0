import { RetailError } from '../../errors.ts'
import type { Appender, AppendRow, AppendTable, Broker, Delivery } from '../../ports/index.ts'
import { byFact, type FactName } from '../../tables/index.ts'
import type { World } from '../../world/world.ts'
import { letterRows } from '../dead-letters/letter-rows.ts'
import { type RowReader, rowReader } from '../live/event-rows.ts'

export interface Loaded {
  /** Rows that were written, including duplicates. */
  rows: Record<FactName, number>
  deadLetters: number
  batches: number
}

export interface BatchLoader {
  readonly loaded: Loaded
  /** Messages of a subscription. They are acknowledged when every one of them can be queried, or else returned. */
  deliver(table: AppendTable, batch: readonly Delivery[]): Promise<void>
}

/** Writes messages to raw: valid events to their tables, others to the table of dead letters. */
export function batchLoader(
  { broker, product }: { broker: Broker; product: string },
  open: () => Promise<Pick<Appender, 'append'>>,
  world: World,
  signal: AbortSignal,
  loaded: Loaded = { rows: byFact(() => 0), deadLetters: 0, batches: 0 },
): BatchLoader {
  /** What the stream says of its events; asked once, when the first of them is here. */
  let reading: Promise<Record<FactName, RowReader>> | undefined
  const readers = () =>
    (reading ??= broker.position().then((position) => {
      return byFact((name) => rowReader(name, world, position?.faults !== undefined))
    }))
  const letters = letterRows(broker, world)

  /** Resolves to the dead letters of the batch. */
  async function writeEvents(table: FactName, batch: readonly Delivery[]): Promise<AppendRow[]> {
    const good: { delivery: Delivery; row: AppendRow }[] = []
    const dead: AppendRow[] = []
    const read = await readers()
    for (const delivery of batch) {
      const row = read[table](delivery)
      if (typeof row === 'string') dead.push(letters.rejected(table, delivery, row))
      else good.push({ delivery, row })
    }
    if (good.length === 0) return dead
    const rows = good.map(({ row }) => row)
    const refused = await (await open()).append(table, rows, signal)
    for (const [i, reason] of refused)
      dead.push(letters.rejected(table, good[i].delivery, `${product} rejected it: ${reason}`))
    loaded.rows[table] += good.length - refused.size
    return dead
  }

  async function write(table: AppendTable, batch: readonly Delivery[]): Promise<void> {
    const dead = table === 'dead_letter' ? batch.map(letters.forwarded) : await writeEvents(table, batch)
    if (dead.length > 0) await appendLetters(await open(), dead, signal)
    loaded.deadLetters += dead.length
    loaded.batches++
  }

  return {
    loaded,
    async deliver(table, batch) {
      try {
        await write(table, batch)
      } catch (error) {
        for (const delivery of batch) delivery.nack()
        throw error
      }
      for (const delivery of batch) delivery.ack()
    },
  }
}

/** Resolves when every row can be queried. Throws if one was rejected, because a message would be lost with it. */
export async function appendLetters(
  appender: Pick<Appender, 'append'>,
  rows: readonly AppendRow[],
  signal: AbortSignal,
): Promise<void> {
  const [refused] = await appender.append('dead_letter', rows, signal)
  if (refused)
    throw new RetailError('failed', `the table dead_letter rejected message ${rows[refused[0]].message_id}`, {
      why: refused[1],
    })
}
