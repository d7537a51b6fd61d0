import type { Second } from '../time.ts'
import type { Broker, Position } from './broker.ts'
import type { ShardAt } from './published.ts'

/** What was published through a broker: by a stream of all stores, and from its position on by shards, if it was split. */
export interface Streamed {
  whole: Position
  /** In their order; none if nothing was split. */
  shards: readonly ShardStreamed[]
  /** Everything before it was published: the position of the slowest shard. */
  position: Second
}

export interface ShardStreamed extends Position, ShardAt {}

/** How far the timeline of a world was published, for the database that shows it. */
export function publishedTo(streamed: Streamed | undefined, world: string): { live: Second; shards?: ShardAt[] } {
  if (streamed?.whole.world !== world) return { live: 0 }
  const shards = streamed.shards.map(({ shard, position, started }) => ({ shard, position, started }))
  return { live: Math.floor(streamed.position), ...(shards.length > 0 && { shards }) }
}

/** Undefined before the first stream. */
export async function readStreamed(broker: Pick<Broker, 'position'>): Promise<Streamed | undefined> {
  const whole = await broker.position()
  if (!whole) return undefined
  const shards = await readShards(broker, whole)
  return {
    whole,
    shards,
    position: Math.min(...(shards.length > 0 ? shards : [whole]).map(({ position }) => position)),
  }
}

async function readShards(broker: Pick<Broker, 'position'>, { world, split, position }: Position) {
  if (!split) return []
  const none = { ...{ world, split, position }, since: position, checkpoints: [], started: false }
  return await Promise.all(
    Array.from({ length: split.count }, async (_, index): Promise<ShardStreamed> => {
      const shard = { index, count: split.count }
      const known = await broker.position(shard)
      return { ...(isOf(known, { world, split }) ? { ...known, started: true } : none), shard }
    }),
  )
}

/** Whether a position belongs to a shard of this split. */
export const isOf = (
  known: Position | undefined,
  { world, split }: Pick<Position, 'world' | 'split'>,
): known is Position => known?.world === world && known.split?.nth === split?.nth && known.split?.count === split?.count
