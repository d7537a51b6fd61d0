import type { Dialect } from '../ports/index.ts'
import { monthOf, SECONDS_PER_DAY, SECONDS_PER_HOUR } from '../time.ts'
import type { World } from '../world/world.ts'
import { reduce } from './checksum.ts'

/** Weights of customers are below these, so that a weight × the cents of a line stays exact. */
const PRIMES = [65_497, 65_479] as const
const [SQUARE, LINEAR] = [6151, 98_317]

/** What a line adds on each side: cents × the first, units × the second, and for each visit the third plus cohort × the fourth. */
const FACTORS = [
  [1, 131, 17, 29],
  [3, 977, 5, 37],
] as const

const cohortsOfWorlds = new WeakMap<World, Int32Array>()

/** Of each customer of a world, the month in which the card was taken. Computed once: all blocks need those of all stores. */
export function cohortsOf(world: World): Int32Array {
  const known = cohortsOfWorlds.get(world) ?? readCohorts(world)
  cohortsOfWorlds.set(world, known)
  return known
}

function readCohorts({ stores, customers, counts }: World): Int32Array {
  const months = new Int32Array(counts.customer)
  for (let store = 0; counts.customer > 0 && store < stores.count; store++) {
    const { first, hour, ahead } = customers.of(store)
    for (let i = 0; i < hour.length; i++)
      months[first + i] = monthOf(Math.floor((hour[i] * SECONDS_PER_HOUR - ahead[i]) / SECONDS_PER_DAY))
  }
  return months
}

/**
 * Sums of customer_month by month: visits, units, cents, and two checksums mod 2^31 − 1. A customer may visit stores of
 * several blocks, so a block does not know any of its rows as a whole: the sums are linear in them. Each customer has a
 * weight of its own, so what moved from one to another changes them.
 */
export class CustomerSums {
  readonly sums: number[][]
  private readonly cohorts: Int32Array

  constructor(months: number, cohorts: Int32Array) {
    this.sums = Array.from({ length: months }, () => [0, 0, 0, 0, 0])
    this.cohorts = cohorts
  }

  /** `customer`: its number − 1. `visits`: 1 for the first line of a visit. */
  add(month: number, customer: number, cents: number, units: number, visits: 0 | 1): void {
    const sum = this.sums[month]
    sum[0] += visits
    sum[1] += units
    sum[2] += cents
    for (const side of [0, 1] as const) {
      const [ofCents, ofUnits, ofVisit, ofCohort] = FACTORS[side]
      const number = customer + 1
      const weight = ((number * number * SQUARE + number * LINEAR) % PRIMES[side]) + 1
      const value = cents * ofCents + units * ofUnits + visits * (ofVisit + this.cohorts[customer] * ofCohort)
      sum[3 + side] = reduce(sum[3 + side] + weight * value)
    }
  }
}

/** The same sums of rows of marts.customer_month, not yet mod 2^31 − 1. */
export function customerSumsColumns(dialect: Dialect): { a: string; b: string } {
  const number = dialect.integer('substr(customer_id, 2)')
  const cohort = '(extract(year FROM cohort) * 12 + extract(month FROM cohort) - 1)'
  const column = (side: 0 | 1) => {
    const [cents, units, visit, ofCohort] = FACTORS[side]
    const weight = `(mod(${number} * ${number} * ${SQUARE} + ${number} * ${LINEAR}, ${PRIMES[side]}) + 1)`
    return dialect.whole(
      `SUM(${weight} * (${dialect.whole('revenue * 100')} * ${cents} + units * ${units} + visits * (${visit} + ${cohort} * ${ofCohort})))`,
    )
  }
  return { a: column(0), b: column(1) }
}
