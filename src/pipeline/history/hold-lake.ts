import { type ExportPorts, holding } from '../../ports/index.ts'
import { VERSION } from '../../version.ts'
import { claimLake } from '../identity.ts'
import type { Scope } from './scope.ts'

/**
 * Takes the lake's lock and adopts an empty lake. Shards write side by side; only a sole writer may clean up after
 * others.
 */
export async function holdLake(ports: ExportPorts, { world, config, shard }: Scope): Promise<AsyncDisposable> {
  const enter = async (alone: boolean) => {
    await claimLake(ports, world, config)
    if (alone) await ports.lake.sweep()
  }
  if (shard.count > 1) return await ports.workspace.share('backfill', VERSION, shard, enter)
  const lock = await ports.workspace.lock('lake', 'backfill')
  return await holding(lock, async () => {
    await enter(true)
    return lock
  })
}
