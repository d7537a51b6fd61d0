import { advise, retail } from '../../advice.ts'
import { RetailError } from '../../errors.ts'
import {
  type Broker,
  isOf,
  type Position,
  readStreamed,
  type Shard,
  type ShardAt,
  type Streamed,
  shardName,
} from '../../ports/index.ts'
import { byFact, type FactName } from '../../tables/index.ts'
import { formatSecond, midnightAfter, SECONDS_PER_DAY, type Second } from '../../time.ts'
import type { World } from '../../world/world.ts'
import { addCheckpoint } from './checkpoints.ts'

/**
 * Where a stream begins: where the last one was, or where history ends if that is later.
 *
 * At a midnight, shards can take over from the stream of all stores: ids are numbered from midnight, so the events of each
 * shard can be counted from there. The stream of all stores, or another number of shards, can take over when all shards
 * are at one instant. Whoever takes over first makes it impossible for the others to save a position.
 */
export async function beginPublishing(
  broker: Broker,
  world: World,
  history: Second,
  shard: Shard | undefined,
): Promise<Position> {
  const known = await readStreamed(broker)
  const streamed = known?.whole.world === world.id ? known : undefined
  if (streamed?.whole.faults) throw faultsThere()
  const nth = known?.whole.split?.nth ?? 0
  const fresh = (at: Second): Position => ({
    ...{ world: world.id, since: at, position: at, checkpoints: [] },
    // Counted on, so that what shards of an earlier split have left is never taken for theirs.
    ...(nth > 0 && { split: { count: 0, nth } }),
  })
  const isSplitSo = shard !== undefined && streamed?.whole.split?.count === shard.count
  const whole = isSplitSo
    ? streamed.whole
    : ((streamed && (await takeOver(broker, streamed, history, shard))) ?? fresh(history))
  if (!shard) return whole
  const { position, split } = isSplitSo ? whole : await splitAt(broker, whole, nth + 1, shard)
  const mine = await broker.position(shard)
  if (isOf(mine, { world: world.id, split }) && mine.position >= history) return mine
  return { ...fresh(Math.max(history, position)), split }
}

/** Ends the stream of all stores. Of shards that start side by side, one does it for all. */
async function splitAt(broker: Broker, whole: Position, nth: number, shard: Shard): Promise<Position> {
  if (whole.position % SECONDS_PER_DAY !== 0) throw notAtMidnight(whole.position, shard)
  const { rest: _, ...ended } = whole
  const split: Position = { ...ended, split: { count: shard.count, nth } }
  try {
    await broker.savePosition(split)
    return split
  } catch (error) {
    const now = error instanceof RetailError && error.code === 'busy' ? await broker.position() : undefined
    if (now?.world === whole.world && now.split?.count === shard.count) return now
    throw error
  }
}

/** The stream of all stores, with what shards have published. Undefined if history has passed it. */
async function takeOver(
  broker: Broker,
  streamed: Streamed,
  history: Second,
  shard: Shard | undefined,
): Promise<Position | undefined> {
  const { whole, shards } = streamed
  const { split, ...alone } = whole
  if (shards.length === 0) return whole.position >= history ? whole : undefined
  const [at, ...others] = shards.map(({ position }) => Math.max(position, history))
  if (!Number.isInteger(at) || others.some((other) => other !== at)) throw notTogether(streamed, shard)
  const joined = at > history ? sumOf(streamed, at) : {}
  if (!joined) throw notTogether(streamed, shard)
  for (const { shard: own, started, ...position } of shards) if (started) await broker.savePosition(position, own)
  return at > history ? { ...alone, ...joined, split: { count: 0, nth: split!.nth } } : undefined
}

/** What all shards have published together. Undefined if they were counted from different midnights. */
function sumOf(
  { whole, shards }: Streamed,
  at: Second,
): Pick<Position, 'since' | 'position' | 'checkpoints'> | undefined {
  const since = Math.max(...shards.map((each) => each.since))
  const goesOn = since === whole.position
  const rows = byFact((name) => (goesOn ? (whole.checkpoints.at(-1)?.rows[name] ?? 0) : 0))
  for (const { since: from, checkpoints } of shards) {
    const before = from === since ? byFact(() => 0) : checkpoints.find((each) => each.at === since)?.rows
    if (!before) return undefined
    for (const name of Object.keys(rows) as FactName[])
      rows[name] += (checkpoints.at(-1)?.rows[name] ?? 0) - before[name]
  }
  const earlier = goesOn ? whole.checkpoints : []
  return { since: goesOn ? whole.since : since, position: at, checkpoints: addCheckpoint(earlier, { at, rows }) }
}

/** `1/4 at 2024-04-03T00:00:00Z`, or where it begins. */
export const placeOf = ({ shard, position, started }: ShardAt): string =>
  `${shardName(shard)} ${started ? 'is' : 'has not started and is'} at ${formatSecond(position)}`

/** The first of the shards that are the furthest behind, and the first of those that are the furthest ahead. */
export function endsOf(shards: readonly ShardAt[]): { slowest: ShardAt; fastest: ShardAt } {
  const at = (instant: Second) => shards.find(({ position }) => position === instant)!
  const positions = shards.map(({ position }) => position)
  return { slowest: at(Math.min(...positions)), fastest: at(Math.max(...positions)) }
}

function notTogether({ shards }: Streamed, asked: Shard | undefined): RetailError {
  const { slowest, fastest } = endsOf(shards)
  const count = shards.length
  const until = formatSecond(midnightAfter(Math.ceil(fastest.position) - 1))
  return new RetailError('bad_flag', `${count} shards stream into this target`, {
    why: `${asked ? `${asked.count} shards` : 'a stream of all stores'} can take over when all of them are at one instant; ${placeOf(slowest)}, ${placeOf(fastest)}`,
    hint: advise`continue with ${retail('stream', '--shard', `1/${count}`)} to ${`${count}/${count}`}; with ${retail('stream', '--speed', 'max', '--until', until, '--shard', `1/${count}`)}, and the same for the others, all of them end together`,
  })
}

const notAtMidnight = (position: Second, shard: Shard): RetailError =>
  new RetailError('bad_flag', `the stream is at ${formatSecond(position)}, and shards begin at midnight`, {
    why: 'the ids of a store are numbered from midnight, so events of a shard are counted from there',
    hint: advise`bring it there first: ${retail('stream', '--speed', 'max', '--until', formatSecond(midnightAfter(position)))}; then ${retail('stream', '--shard', shardName(shard))}`,
  })

/** Events without faults would follow others with them, and copies of those would never come. */
const faultsThere = (): RetailError =>
  new RetailError('bad_flag', 'the events of this workspace have faults', {
    why: 'a stream belongs to one profile of faults, from its first event',
    hint: advise`continue with the same --faults, or stream without them in another workspace: ${retail('init')}`,
  })
