import { crc32 } from 'node:zlib'
import { storeId } from '../../encode/facts.ts'
import { parsePartKey, type Shard } from '../../ports/index.ts'
import type { Block } from '../../world/blocks.ts'
import type { World } from '../../world/world.ts'

/** What a shard verifies. The shares of all shards are everything, once. */
export interface Share {
  /** Neighbors, so that their rows are one range of stores. */
  blocks: readonly Block[]
  /** Stores [lo, hi). */
  lo: number
  hi: number
  /** Whether it reads a file of the lake. */
  reads: (key: string) => boolean
  /** The rows of its stores. */
  condition: string
}

export function shareOf(world: World, { index, count }: Shard): Share {
  const { length } = world.blocks
  const at = (shard: number) => Math.floor((shard * length) / count)
  const blocks = world.blocks.slice(at(index), at(index + 1))
  const [lo, hi] = [blocks.at(0)?.lo ?? 0, blocks.at(-1)?.hi ?? 0]
  const numbers = new Set(blocks.map((block) => block.index))
  return {
    ...{ blocks, lo, hi },
    reads(key) {
      const part = parsePartKey(key)
      // Batches hold all stores.
      return part ? numbers.has(part.block) : crc32(key) % count === index
    },
    condition: lo === hi ? 'FALSE' : storesBetween(world, { lo, hi }),
  }
}

/** Rows of the stores [lo, hi), in SQL. Rows of no store, or of an unknown one, are in the first or the last range. */
export function storesBetween(
  world: { ids: { store: number }; stores: { count: number } },
  { lo, hi }: Pick<Share, 'lo' | 'hi'>,
): string {
  const [begin, end] = [`store_id >= '${storeId(world, lo)}'`, `store_id < '${storeId(world, hi)}'`]
  const isLast = hi === world.stores.count
  if (lo === 0) return isLast ? 'TRUE' : `(${end} OR store_id IS NULL)`
  return isLast ? begin : `(${begin} AND ${end})`
}
