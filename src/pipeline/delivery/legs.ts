import {
  type Checkpoint,
  type Dialect,
  type Position,
  type Shard,
  type Streamed,
  shardName,
} from '../../ports/index.ts'
import type { FactName } from '../../tables/index.ts'
import type { Second } from '../../time.ts'
import { storeNumber } from '../../truth/own-ids.ts'
import { instant } from '../../truth/sql.ts'
import type { World } from '../../world/world.ts'
import { sinceMidnight } from '../live/checkpoints.ts'

/** What one stream has published: of all stores, or of a shard of them, from a midnight on. */
export interface Leg extends Pick<Position, 'since' | 'position' | 'checkpoints'> {
  shard?: Shard | undefined
}

export const legName = ({ shard }: Leg): string | undefined => shard && shardName(shard)

/**
 * What has to be looked for in raw. `history`: raw has the rows before it from the lake. `arrived`: nothing before it is
 * missing.
 */
export function legsOf({ whole, shards }: Streamed, { history = 0, arrived = 0 } = {}): Leg[] {
  const isThere = whole.position <= history || (shards.length > 0 && whole.position <= arrived)
  const started = shards.filter(({ started, position }) => started && position > history)
  const legs: Leg[] = [...(isThere ? [] : [{ ...whole, shard: undefined }]), ...started]
  return legs.map((leg) => ({ ...sinceMidnight(leg, arrived), shard: leg.shard }))
}

/** An interval between two checkpoints of a leg, as a number. Undefined in SQL: no leg has published it. */
export interface Intervals {
  /** The number of the first interval of each leg. */
  first: readonly number[]
  /** The number of an event's interval, in SQL; `own` says whether its id has the form of this world. */
  sql(about: { id: string; moment: string; own: string }): string
}

/** Foreign ids belong to no shard; they are counted with the one that has published the most. */
export function intervalsOf(legs: readonly Leg[], table: FactName, world: World, dialect: Dialect): Intervals {
  let next = 0
  const first = legs.map(({ checkpoints }) => {
    next += checkpoints.length
    return next - checkpoints.length
  })
  const chain = (i: number, moment: string): string => {
    const { since, checkpoints } = legs[i]
    if (checkpoints.length === 0) return 'NULL'
    const before = (at: Second) => `WHEN ${moment} < ${instant(dialect, at)}`
    const all = checkpoints.map(({ at }: Checkpoint, k) => `${before(at)} THEN ${first[i] + k}`)
    return `CASE ${before(since)} THEN NULL ${all.join(' ')} END`
  }
  const ofShards = legs.flatMap(({ shard }, i) => (shard ? [{ shard, i }] : []))
  const whole = legs.findIndex(({ shard }) => shard === undefined)
  return {
    first,
    sql({ id, moment, own }) {
      if (ofShards.length === 0) return chain(whole, moment)
      const [{ shard }] = ofShards
      const furthest = ofShards.reduce((a, b) => (legs[b.i].position > legs[a.i].position ? b : a))
      const number = storeNumber(id, table, world, dialect)
      // The inverse of blocksOf: the block of a store, by its number from 1.
      const scaled = `(${number} * ${world.blocks.length} - 1)`
      const block = dialect.whole(`(${scaled} - MOD(${scaled}, ${world.counts.store})) / ${world.counts.store}`)
      const ofOwn = `CASE MOD(${block}, ${shard.count}) ${ofShards.map((each) => `WHEN ${each.shard.index} THEN ${chain(each.i, moment)}`).join(' ')} END`
      const split = `CASE WHEN ${own} = 1 THEN ${ofOwn} ELSE ${chain(furthest.i, moment)} END`
      if (whole < 0) return split
      return `CASE WHEN ${moment} < ${instant(dialect, legs[whole].position)} THEN ${chain(whole, moment)} ELSE ${split} END`
    },
  }
}
