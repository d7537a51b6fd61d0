import type { Config } from '../config/schema.ts'
import type { Ports } from '../ports/index.ts'
import { type RealismItem, score } from '../realism/score.ts'
import { buildWorld } from '../world/world.ts'
import { checkWorld } from './identity.ts'
import { recorded } from './record.ts'
import type { RealismResult } from './results.ts'

export interface RealismOptions {
  signal?: AbortSignal
  onItem?: (item: RealismItem) => void
}

/** Scores the data in the warehouse against 20 statistics of real shops. */
export async function realism(
  ports: Ports,
  config: Config,
  { signal, onItem }: RealismOptions,
): Promise<RealismResult> {
  const world = buildWorld(config)
  await checkWorld(ports, world, config)
  await using _reading = await ports.workspace.reading()
  return await recorded(ports.workspace, 'realism', async () => {
    const start = performance.now()
    await using reader = await ports.warehouse.reader()
    const { sample, items } = await score(reader, signal, onItem)
    const count = (verdict: RealismItem['verdict']) => items.filter((item) => item.verdict === verdict).length
    return {
      world: world.id,
      sample,
      items,
      passed: count('pass'),
      judged: items.length - count('not judged'),
      ok: count('fail') === 0,
      seconds: (performance.now() - start) / 1000,
    }
  })
}
