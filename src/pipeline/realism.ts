import type { Config } from '../config/schema.ts'
import type { Ports } from '../ports/index.ts'
import { type RealismItem, score } from '../realism/score.ts'
import { buildWorld } from '../world/world.ts'
import { enter } from './enter.ts'
import { unable } from './preconditions.ts'
import { recorded } from './record.ts'

export interface RealismResult {
  world: string
  /** `every`: one in this many stores is in the sample. */
  sample: { every: number; lines: number; stores: number; days: number; from: string; to: string }
  items: RealismItem[]
  passed: number
  judged: number
  ok: boolean
  seconds: number
}

export interface RealismOptions {
  signal?: AbortSignal
  onItem?: (item: RealismItem) => void
}

/** Scores the data in the warehouse against 44 statistics of real shops. */
export async function realism(
  ports: Ports,
  config: Config,
  { signal, onItem }: RealismOptions,
): Promise<RealismResult> {
  const { statistics } = ports.warehouse.traits
  if (!statistics.can) throw unable(`verify --realism does not work with target ${ports.target.name}`, statistics)
  const world = buildWorld(config)
  await enter('verify', ports, config, world)
  await using _reading = await ports.workspace.reading()
  return await recorded(
    ports.workspace,
    'realism',
    async () => {
      const start = performance.now()
      await using reader = await ports.warehouse.reader('lake')
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
    },
    { onlyReads: true },
  )
}
