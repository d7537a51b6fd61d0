import type { Row } from '../../ports/index.ts'
import { byFact, type FactName, facts } from '../../tables/index.ts'
import type { SumRow } from '../../truth/sql.ts'
import { type Balances, joinBalances, measureBalances } from './balances.ts'
import type { MeasureContext } from './check.ts'
import { joinKeys, measureKeys, type UsedKeys } from './keys.ts'
import { measureFact } from './raw.ts'
import { joinSold, measureSold } from './sold.ts'

/** What the checks compare of the rows of raw. Shards measure their rows, and a merge adds them. */
export interface Measures {
  facts: Record<FactName, SumRow[]>
  keys: UsedKeys[]
  /** Undefined with --quick. */
  balances?: Balances | undefined
  /** Undefined without marts. */
  sold?: Row[] | undefined
}

/** One query after the other: each uses all cores. */
export async function measure(context: MeasureContext, marts: boolean): Promise<Measures> {
  const all: [FactName, SumRow[]][] = []
  for (const { name } of facts) {
    const rows = await measureFact(context, name)
    all.push([name, rows.map((row) => ({ ...row, key: row.key === null ? null : String(row.key) }))])
  }
  const found = new Map(all)
  return {
    facts: byFact((name) => found.get(name)!),
    keys: await measureKeys(context),
    balances: context.quick ? undefined : await measureBalances(context),
    sold: marts ? await measureSold(context) : undefined,
  }
}

/** Undefined if there is nothing that could be added. */
const joined = <T>(all: readonly (T | undefined)[], join: (all: readonly T[]) => T): T | undefined => {
  const there = all.filter((one) => one !== undefined)
  return there.length < all.length ? undefined : join(there)
}

export const joinMeasures = (shards: readonly Measures[]): Measures => ({
  facts: byFact((name) => shards.flatMap(({ facts }) => facts[name])),
  keys: joinKeys(shards.map(({ keys }) => keys)),
  balances: joined(
    shards.map(({ balances }) => balances),
    joinBalances,
  ),
  sold: joined(
    shards.map(({ sold }) => sold),
    (all: readonly Row[][]) => joinSold(all),
  ),
})
