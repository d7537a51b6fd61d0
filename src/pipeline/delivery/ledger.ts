import { formatCount } from '../../numbers.ts'
import type { Cut } from '../../ports/index.ts'
import { byFact, type FactName, facts, sumOfFacts } from '../../tables/index.ts'
import { formatSecond, type Second } from '../../time.ts'

/**
 * What became of the events of one table in one interval: `published` = `delivered` + `deadLettered` + `missing`, unless
 * surplus ids that cannot be told apart yet make `delivered` larger.
 */
export interface LedgerRow {
  table: FactName
  /** Undefined: of all stores. */
  shard?: string | undefined
  from: string
  to: string
  /** Events that the stream published. */
  published: number
  /** Ids of this world that arrived, each counted once. */
  delivered: number
  /** Ids that arrived but were never published. They stay in raw and go no further. */
  surplus: number
  /** Events that are not in raw, but in an open dead letter. */
  deadLettered: number
  /** Events that are neither in raw nor in an open dead letter. */
  missing: number
  /** Every event of the table that was published before the end of the interval has arrived. */
  complete: boolean
}

/** An id in raw that is not of this world. */
export interface Surplus {
  table: FactName
  id: string
  why: string
}

/** What was published, compared with what arrived. */
export interface Ledger {
  rows: readonly LedgerRow[]
  /** Every event published before it has arrived. 0 if that is true of no instant. */
  complete: Second
  /** The ranges in which events were published and have not all arrived: of the stream, or of shards. */
  late: readonly Late[]
  /** The first ids that are not of this world. */
  surplus: readonly Surplus[]
  /** The number of such ids. */
  surplusCount: number
  /** Surplus ids that have the form of this world, at most MOST_SURPLUS of a table. */
  excluded: Readonly<Record<FactName, readonly string[]>>
}

export interface Late {
  from: Second
  to: Second
  /** Undefined: of all stores. */
  shard?: string | undefined
}

/** The most ids of one table that a statement lists: a longer list may exceed the size of a query or a variable. */
export const MOST_SURPLUS = 1_000

export const EMPTY_LEDGER: Ledger = {
  ...{ rows: [], complete: 0, late: [], surplus: [], surplusCount: 0 },
  excluded: byFact(() => []),
}

/** The data that staging may take and that verify can compare. */
export const cutOf = ({ complete }: Ledger, history: Second): Cut => ({ history, live: Math.max(history, complete) })

/** The events that were published and have not arrived, as one range; undefined if there are none. */
export function shortageOf({ rows, late }: Ledger): Shortage | undefined {
  if (late.length === 0) return undefined
  const shards = late.flatMap(({ shard, ...range }) => (shard === undefined ? [] : [{ shard, ...asText(range) }]))
  const lacking = rows.filter((row) => !row.complete && late.some(({ shard }) => shard === row.shard))
  return {
    ...asText({ from: Math.min(...late.map(({ from }) => from)), to: Math.max(...late.map(({ to }) => to)) }),
    ...(shards.length > 0 && { shards }),
    missing: byFact((name) => missingOf(lacking.filter(({ table }) => table === name))),
    deadLettered: byFact((name) =>
      sumOf(
        'deadLettered',
        lacking.filter(({ table }) => table === name),
      ),
    ),
  }
}

const asText = ({ from, to }: Pick<Late, 'from' | 'to'>) => ({ from: formatSecond(from), to: formatSecond(to) })

/** All of it is in dead letters, so nothing more will arrive by itself. */
export const isAllDead = ({ missing, deadLettered }: Shortage): boolean =>
  sumOfFacts(missing) === 0 && sumOfFacts(deadLettered) > 0

export interface Shortage {
  from: string
  to: string
  /** The shards whose events they are, each with its range; undefined if no shard published them. */
  shards?: readonly { shard: string; from: string; to: string }[]
  /** Neither in raw nor in a dead letter. */
  missing: Record<FactName, number>
  /** Not in raw, but in an open dead letter. */
  deadLettered: Record<FactName, number>
}

const sumOf = (column: 'missing' | 'deadLettered', rows: readonly LedgerRow[]): number =>
  rows.reduce((n, row) => n + row[column], 0)

/** At least one per table without dead letters: surplus ids can make up for the number of missing ones. */
function missingOf(rows: readonly LedgerRow[]): number {
  const least = rows.length === 0 || sumOf('deadLettered', rows) > 0 ? 0 : 1
  return Math.max(least, sumOf('missing', rows))
}

/** `12 of transactions and 1 of inventories (5 of them are dead letters)` */
export function missingText({ missing, deadLettered }: Shortage): string {
  const all = facts
    .map(({ name }) => ({ name, n: missing[name] + deadLettered[name] }))
    .filter(({ n }) => n > 0)
    .map(({ name, n }) => `${formatCount(n)} of ${name}`)
    .join(' and ')
  const [dead, rest] = [sumOfFacts(deadLettered), sumOfFacts(missing)]
  if (dead === 0) return all
  if (rest === 0) return `${all} (${dead === 1 ? 'a dead letter' : 'dead letters'})`
  return `${all} (${formatCount(dead)} of them ${dead === 1 ? 'is a dead letter' : 'are dead letters'})`
}

/** The ledger in the results of transform and verify. */
export interface DeliveryNote {
  rows: readonly LedgerRow[]
  /** Undefined: every published event has arrived. */
  shortage: Shortage | undefined
  surplus: readonly Surplus[]
  surplusCount: number
}

export const deliveryOf = (ledger: Ledger): DeliveryNote => ({
  rows: ledger.rows,
  shortage: shortageOf(ledger),
  surplus: ledger.surplus.slice(0, 20),
  surplusCount: ledger.surplusCount,
})
