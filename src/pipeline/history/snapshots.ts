import type { Workspace } from '../../ports/index.ts'
import { type BlockCursor, beginBlock, resumeBlock } from '../../simulator/block.ts'
import type { Block } from '../../world/blocks.ts'
import type { World } from '../../world/world.ts'

/** Snapshots are a cache: without one, the state is simulated from the start, with the same result. */
export type Snapshots = Pick<Workspace, 'load' | 'save' | 'cached'>

/** Without a workspace, everything is simulated from the start. */
export const NO_SNAPSHOTS: Snapshots & Pick<Workspace, 'forget'> = {
  cached: async () => [],
  load: async () => undefined,
  save: async () => {},
  forget: async () => {},
}

const folderOf = (world: World, block: Block): string => `snapshots/${world.id}/block-${block.index}`

export async function saveState(world: World, { state, hour }: BlockCursor, snapshots: Snapshots): Promise<void> {
  await snapshots.save(`${folderOf(world, state.block)}/${hour}`, state.save())
}

/** The latest state of a block at or before `hour`. */
export async function stateAt(world: World, block: Block, hour: number, snapshots: Snapshots): Promise<BlockCursor> {
  const hours = (await snapshots.cached(folderOf(world, block))).map(Number).filter((saved) => saved <= hour)
  for (const saved of hours.sort((a, b) => b - a)) {
    const cursor = resumeBlock(world, block, saved, await snapshots.load(`${folderOf(world, block)}/${saved}`))
    if (cursor) return cursor
  }
  return beginBlock(world, block)
}

/** Keeps the snapshots at the end of history and of the stream's latest hour; others would only fill the disk. */
export async function forgetStates(
  world: World,
  keep: readonly number[],
  workspace: Pick<Workspace, 'forget'>,
): Promise<void> {
  for (const block of world.blocks) await workspace.forget(folderOf(world, block), keep.map(String))
}

/** States in a place of their own. It reads those of the stream of all stores, too, and leaves them alone. */
export function beside(workspace: Workspace, own: string): Snapshots & Pick<Workspace, 'forget'> {
  return {
    cached: async (prefix) => [
      ...new Set([...(await workspace.cached(prefix)), ...(await workspace.cached(`${own}/${prefix}`))]),
    ],
    load: async (key) => (await workspace.load(`${own}/${key}`)) ?? (await workspace.load(key)),
    save: (key, bytes) => workspace.save(`${own}/${key}`, bytes),
    forget: (prefix, keep) => workspace.forget(`${own}/${prefix}`, keep),
  }
}
