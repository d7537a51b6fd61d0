import { byFact, type FactName } from '../tables/index.ts'
import { addTo, type BlockTruth } from './block-truth.ts'
import { addSums, type Sums, type TotalSums } from './checksum.ts'

/** The expected totals of all blocks. Sums are bigints here, because a busy day of a large world exceeds 2^53. */
export interface Truth {
  facts: Record<FactName, TotalSums[]>
  dailySales: TotalSums[]
  revenueCents: number[]
  units: number[]
  soldLines: number[]
  stockMarts: TotalSums
  stockRaw: TotalSums
  monthlyChange: number[]
  monthlyMovements: number[]
  monthlySales: Map<number, number[]>
  productSales: { a: number[]; b: number[] }
  monthlyStock: TotalSums[]
  customerMonths: number[][]
  stockLevels: Map<number, number[]>
  ledgerErrors: number
}

/** What blocks add up to, or totals of some blocks each. */
export function totalTruth(blocks: readonly (BlockTruth | Truth)[]): Truth {
  const total = (of: (block: BlockTruth | Truth) => Sums | TotalSums): TotalSums => addSums(blocks.map(of))
  const totals = (of: (block: BlockTruth | Truth) => readonly (Sums | TotalSums)[]): TotalSums[] =>
    of(blocks[0]).map((_, i) => total((block) => of(block)[i]))
  const numbers = (of: (block: BlockTruth | Truth) => number[]): number[] =>
    of(blocks[0]).map((_, i) => blocks.reduce((n, block) => n + of(block)[i], 0))
  const cells = (of: (block: BlockTruth | Truth) => Map<number, number[]>): Map<number, number[]> => {
    const sums = new Map<number, number[]>()
    for (const block of blocks) for (const [key, values] of of(block)) addTo(sums, key, values)
    return sums
  }
  return {
    facts: byFact((name) => totals((block) => block.facts[name])),
    dailySales: totals((block) => block.dailySales),
    revenueCents: numbers((block) => block.revenueCents),
    units: numbers((block) => block.units),
    soldLines: numbers((block) => block.soldLines),
    stockMarts: total((block) => block.stockMarts),
    stockRaw: total((block) => block.stockRaw),
    monthlyChange: numbers((block) => block.monthlyChange),
    monthlyMovements: numbers((block) => block.monthlyMovements),
    monthlySales: cells((block) => block.monthlySales),
    productSales: {
      a: numbers((block) => block.productSales.a),
      b: numbers((block) => block.productSales.b),
    },
    monthlyStock: totals((block) => block.monthlyStock),
    customerMonths: blocks[0].customerMonths.map((sums, month) =>
      sums.map((_, i) => blocks.reduce((n, block) => n + block.customerMonths[month][i], 0)),
    ),
    stockLevels: cells((block) => block.stockLevels),
    ledgerErrors: blocks.reduce((n, block) => n + block.ledgerErrors, 0),
  }
}

/** Expected rows of each fact. */
export const rowsIn = ({ facts }: Truth): Record<FactName, number> =>
  byFact((name) => Number(addSums(facts[name]).rows))
