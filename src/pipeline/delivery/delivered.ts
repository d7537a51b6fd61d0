import {
  type Delivered,
  type Dialect,
  type LiveByBroker,
  type Ports,
  type Reader,
  readStreamed,
} from '../../ports/index.ts'
import { byFact, keyOf, tables } from '../../tables/index.ts'
import { ownIdCondition } from '../../truth/own-ids.ts'
import type { World } from '../../world/world.ts'
import { cutOf, EMPTY_LEDGER, type Ledger } from './ledger.ts'
import { readLedger } from './read-ledger.ts'

/** What was published and what is in raw now. Reads no table if nothing was published. */
export async function ledgerNow(
  { warehouse, deadLetters }: Pick<Ports, 'warehouse' | 'deadLetters'>,
  { broker }: Pick<LiveByBroker, 'broker'>,
  world: World,
): Promise<Ledger> {
  const streamed = await readStreamed(broker)
  if (streamed?.whole.world !== world.id) return EMPTY_LEDGER
  await using reader = await warehouse.reader('lake')
  return await readLedger(reader, world, streamed, { letters: deadLetters.can })
}

/** Which rows of raw count; not `whole`: which of those that the marts do not have. */
export async function readDelivered(
  { warehouse, deadLetters }: Pick<Ports, 'warehouse' | 'deadLetters'>,
  { broker }: Pick<LiveByBroker, 'broker'>,
  world: World,
  whole: boolean,
): Promise<{ ledger: Ledger; delivered: Delivered }> {
  const published = await warehouse.published()
  await using reader = await warehouse.reader('lake')
  const streamed = await readStreamed(broker)
  const ledger = await readLedger(reader, world, streamed, {
    letters: deadLetters.can,
    history: published?.raw.history,
    arrived: whole ? undefined : published?.marts?.live,
  })
  const anyDay = streamed?.whole.faults !== undefined
  return { ledger, delivered: deliveredOf(ledger, world, reader, published, anyDay) }
}

/** An instant that the marts were built to has arrived, even if fewer checkpoints are known now. */
export function deliveredOf(
  ledger: Ledger,
  world: World,
  { dialect }: Pick<Reader, 'dialect'>,
  published: { raw: { history: number }; marts: { live: number } | undefined } | undefined,
  anyDay = false,
): Delivered {
  const cut = cutOf(ledger, published?.raw.history ?? 0)
  return {
    cut: { ...cut, live: Math.max(cut.live, published?.marts?.live ?? 0) },
    where: ownRows(ledger, world, dialect, anyDay),
  }
}

/** The SQL condition that rows of this world meet. */
export const ownRows = ({ excluded }: Ledger, world: World, dialect: Dialect, anyDay = false): Delivered['where'] =>
  byFact((name) => {
    const id = keyOf(tables[name])
    const own = ownIdCondition(name, world, dialect, anyDay)
    if (excluded[name].length === 0) return own
    return `${own} AND ${id} NOT IN (${excluded[name].map((each) => `'${each}'`).join(', ')})`
  })
