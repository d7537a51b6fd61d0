import type { Row } from '../../ports/index.ts'
import { addSums, sameSums, type TotalSums } from '../../truth/checksum.ts'
import { instant, type SumRow, stockColumns, sumsBy, sumsOf } from '../../truth/sql.ts'
import type { Finding, MeasureContext, VerifyContext } from './check.ts'
import type { Found } from './sentences.ts'
import { storesBetween } from './share.ts'

/** Balances per query: about 100 MB. */
const BALANCES_AT_ONCE = 200_000
const BALANCES_SHOWN = 20

/** Like `dayRanges`, but by stores: a closing balance needs all days. `of`: these stores only. */
export function storeRanges(
  world: { ids: { store: number }; stores: { count: number }; products: { count: number } },
  balances = BALANCES_AT_ONCE,
  of: { lo: number; hi: number } = { lo: 0, hi: world.stores.count },
): string[] {
  const length = Math.max(1, Math.floor(balances / world.products.count))
  const conditions: string[] = []
  for (let store = of.lo; store < of.hi; store += length) {
    conditions.push(storesBetween(world, { lo: store, hi: Math.min(store + length, of.hi) }))
  }
  return conditions
}

/** Number and checksums of closing balances, and the first of those below zero. */
export interface Balances {
  sums: TotalSums
  negative: Row[]
}

export async function measureBalances({ reader, raw, ports, world, cut, share }: MeasureContext): Promise<Balances> {
  const { dialect } = reader
  const time = dialect.column('timestamp')
  const before = `${time} < ${instant(dialect, cut.raw)}`
  const have = { rows: 0n, a: 0n, b: 0n }
  const negative: Row[] = []
  // If queries are billed, each of them covers all rows.
  for (const some of ports.warehouse.traits.billed ? ['TRUE'] : storeRanges(world, undefined, share)) {
    const relation = await reader.keep(
      'closing_balances',
      `SELECT store_id, product_id, SUM(quantity_change) AS on_hand, MAX(${time}) AS last_moved_at
FROM ${dialect.once(raw.inventories, before)} WHERE ${before} AND ${some} GROUP BY store_id, product_id`,
    )
    const [row] = await reader.query<SumRow>(sumsBy('0', stockColumns(dialect), relation, 'on_hand >= 0', dialect))
    const { rows, a, b } = sumsOf(row)
    have.rows += rows
    have.a += a
    have.b += b
    if (negative.length < BALANCES_SHOWN)
      negative.push(
        ...(await reader.query(
          `SELECT store_id, product_id, on_hand FROM ${relation} WHERE on_hand < 0 ORDER BY 1, 2 LIMIT ${BALANCES_SHOWN}`,
        )),
      )
  }
  return { sums: have, negative }
}

export const joinBalances = (shards: readonly Balances[]): Balances => ({
  sums: addSums(shards.map(({ sums }) => sums)),
  negative: shards.flatMap(({ negative }) => negative),
})

export async function checkLedger(context: VerifyContext): Promise<Finding> {
  const { truth, measured } = context
  const { sums: have, negative } = measured?.balances ?? (await measureBalances(context))
  const differences: Found[] = negative.map(({ store_id, product_id, on_hand }) => ({
    check: 'ledger',
    kind: 'changed',
    table: 'inventories',
    store: String(store_id),
    id: String(product_id),
    column: 'on hand',
    expected: '0 or more',
    found: String(on_hand),
  }))
  if (truth.ledgerErrors > 0)
    differences.push({
      check: 'ledger',
      kind: 'changed',
      table: 'inventories',
      sentence: `the expected data itself has ${truth.ledgerErrors} balances below zero`,
    })
  if (differences.length === 0 && !sameSums(have, truth.stockRaw))
    differences.push({
      check: 'ledger',
      kind: 'changed',
      table: 'inventories',
      expected: `${truth.stockRaw.rows} closing balances`,
      found: `${have.rows} closing balances`,
      sentence:
        have.rows === truth.stockRaw.rows
          ? 'closing balances, or the times they last changed, differ from the expected ones'
          : `found ${have.rows} closing balances, expected ${truth.stockRaw.rows}`,
    })
  return { compared: Number(truth.stockRaw.rows), differences }
}
