import { type AliasTable, aliasTable, drawAlias } from '../random/alias.ts'
import { Stream, scramble } from '../random/rng.ts'
import { CARD_SHARE_MAX, HOME_SHARE, VISITOR_DAYS } from '../world/customer-model.ts'
import { comesBetween, comesIn, type StoreCustomers, visitsPerHour } from '../world/customers.ts'
import { firstFrom } from '../world/first-from.ts'
import type { World } from '../world/world.ts'
import type { Step } from './step.ts'

/** The customers of one home store who may come to a store within some weeks. */
interface Pool {
  all: StoreCustomers
  /** Their indexes in `all`; drawn by their rates. */
  who: Int32Array
  alias: AliasTable | undefined
  rate: number
}

/** Who may be behind a visit to a store, within some weeks. */
export interface Visitors {
  period: number
  own: Pool
  /** From the neighbor store. */
  others: Pool
  /** Of 2^32 visits: those of the own customers, and those of both. */
  ownOf: number
  bothOf: number
}

const HOURS = VISITOR_DAYS * 24
const WORDS = 2 ** 32

/** Nobody: a visit without a card. */
export const NOBODY = 0

function poolOf(world: World, home: number, period: number): Pool {
  const all = world.customers.of(home)
  const who = Int32Array.from(all.hour.keys()).filter((i) => comesBetween(all, i, period * HOURS, (period + 1) * HOURS))
  const rates = Float64Array.from(who, (i) => all.rate[i])
  const rate = rates.reduce((sum, each) => sum + each, 0)
  return { all, who, rate, alias: rate > 0 ? aliasTable(rates) : undefined }
}

function visitorsIn(world: World, store: number, period: number): Visitors {
  const own = poolOf(world, store, period)
  const others = poolOf(world, world.customers.neighbor[store], period)
  const visits = visitsPerHour(world, store)
  const shares = [(own.rate * HOME_SHARE) / visits, (others.rate * (1 - HOME_SHARE)) / visits]
  const most = Math.min(1, CARD_SHARE_MAX / (shares[0] + shares[1] || 1))
  const [ownOf, othersOf] = shares.map((share) => Math.floor(share * most * WORDS))
  return { period, own, others, ownOf, bothOf: ownOf + othersOf }
}

/**
 * Who makes each visit of a step: a function of the world, store, hour, and the number of the visit within the hour. A
 * visit of a store is one of customer i with probability rate i / rate of visits; so the visits of each customer are
 * Poisson, without any state. The customers whose first purchase lies in this hour make the first visits of the hour.
 */
export class VisitorsOfStep {
  private visitors!: Visitors
  private hour = 0
  private word = 0
  private visit = 0
  private joining = 0
  private joined = 0

  begin({ world, state, store, index, hour }: Step): void {
    const period = Math.floor(hour / HOURS)
    let visitors = state.visitors[store]
    if (visitors?.period !== period) visitors = state.visitors[store] = visitorsIn(world, index, period)
    this.visitors = visitors
    this.hour = hour
    this.word = scramble(scramble(scramble(world.seed ^ 0x9e3779b9) ^ index) ^ hour) ^ Stream.visitor
    this.visit = 0
    const { hour: hours } = visitors.own.all
    this.joining = firstFrom(hours, hour)
    this.joined = firstFrom(hours, hour + 1)
  }

  /** The number of the customer of the next visit; 0 for nobody. */
  next(): number {
    const { own, others, ownOf, bothOf } = this.visitors
    const word = scramble(this.word ^ Math.imul(++this.visit, 0x85ebca6b))
    if (this.joining < this.joined) return own.all.first + this.joining++ + 1
    const at = word >>> 0
    if (at >= bothOf) return NOBODY
    const { all, who, alias } = at < ownOf ? own : others
    if (!alias) return NOBODY
    const i = who[drawAlias(alias, scramble(word ^ 0x2545f491) >>> 0)]
    return comesIn(all, i, this.hour) ? all.first + i + 1 : NOBODY
  }
}
