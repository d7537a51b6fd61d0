import { LAST_DAY } from '../config/bounds.ts'
import type { Config } from '../config/schema.ts'
import { RetailError } from '../errors.ts'
import { type Shard, shardName } from '../ports/index.ts'
import { type Day, firstDayOf, formatDay, lastDayOf, type Month, monthOf, parseDay } from '../time.ts'
import type { Block } from '../world/blocks.ts'
import type { World } from '../world/world.ts'

/** First and last day, inclusive; default: the history of the config. */
export interface PeriodOptions {
  from?: Day | undefined
  to?: Day | undefined
}

export interface Period {
  from: Day
  to: Day
}

export function periodOf(world: World, config: Config, { from, to }: PeriodOptions): Period {
  const period = { from: from ?? world.from, to: to ?? parseDay(config.history.to)! }
  if (period.from < world.from)
    throw new RetailError('bad_flag', `--from ${formatDay(period.from)} is before the first day of the world`, {
      why: `opening stock is counted on history.from, ${config.history.from}; an earlier day would be another world`,
      hint: `use --from ${config.history.from}, or set history.from in retail.yaml before the first backfill`,
    })
  if (period.to < period.from)
    throw new RetailError(
      'bad_flag',
      `the period ends (${formatDay(period.to)}) before it begins (${formatDay(period.from)})`,
      {
        hint: `use a --to of ${formatDay(period.from)} or later`,
      },
    )
  if (period.to > parseDay(LAST_DAY)!)
    throw new RetailError('bad_flag', `--to ${formatDay(period.to)} is too late`, {
      why: 'ids contain only two digits of the year',
      hint: `use a --to of ${LAST_DAY} or earlier`,
    })
  return period
}

/** The days of each month of a period. */
export function monthsOf({ from, to }: Period): { month: Month; from: Day; through: Day }[] {
  const months = Array.from({ length: monthOf(to) - monthOf(from) + 1 }, (_, i) => monthOf(from) + i)
  return months.map((month) => ({
    month,
    from: Math.max(firstDayOf(month), from),
    through: Math.min(lastDayOf(month), to),
  }))
}

/** The blocks of a shard, or all blocks. */
export const blocksOf = (world: World, { index, count }: Shard = { index: 0, count: 1 }): number[] =>
  world.blocks.map((block) => block.index).filter((block) => block % count === index)

/** The blocks of a shard of a stream: those that `backfill` gives it. It has some. */
export function blocksOfShard(world: World, shard: Shard): Block[] {
  const blocks = blocksOf(world, shard)
  if (blocks.length > 0) return blocks.map((index) => world.blocks[index])
  throw new RetailError('bad_flag', `shard ${shardName(shard)} has no stores`, {
    why: `this world has ${world.blocks.length} blocks of stores, and each shard needs one`,
    hint: `use at most ${world.blocks.length} shards`,
  })
}
