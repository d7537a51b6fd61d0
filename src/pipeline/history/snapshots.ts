import type { Workspace } from '../../ports/index.ts'
import { beginBlock, resumeBlock, type Traveller } from '../../simulator/block.ts'
import type { Block } from '../../world/blocks.ts'
import type { World } from '../../world/world.ts'

/** Snapshots are a cache: without one the state is made again from the beginning, and both are equal. */
export type Snapshots = Pick<Workspace, 'load' | 'save' | 'cached'>

const folderOf = (world: World, block: Block): string => `snapshots/${world.id}/block-${block.index}`

export async function saveState(world: World, { state, hour }: Traveller, snapshots: Snapshots): Promise<void> {
  await snapshots.save(`${folderOf(world, state.block)}/${hour}`, state.save())
}

/** The latest state of a block at or before `hour`. */
export async function stateAt(world: World, block: Block, hour: number, snapshots: Snapshots): Promise<Traveller> {
  const hours = (await snapshots.cached(folderOf(world, block))).map(Number).filter((saved) => saved <= hour)
  for (const saved of hours.sort((a, b) => b - a)) {
    const traveller = resumeBlock(world, block, saved, await snapshots.load(`${folderOf(world, block)}/${saved}`))
    if (traveller) return traveller
  }
  return beginBlock(world, block)
}

/** Keeps the end of history and the latest hour of the stream; the rest would only fill the disk. */
export async function forgetStates(world: World, keep: readonly number[], workspace: Workspace): Promise<void> {
  for (const block of world.blocks) await workspace.forget(folderOf(world, block), keep.map(String))
}
