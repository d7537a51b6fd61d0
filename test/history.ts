import { openLocal } from '../src/adapters/local/index.ts'
import { type Config, configSchema } from '../src/config/schema.ts'
import { type BlockTask, type PartDone, runBlockTask } from '../src/pipeline/history/block-task.ts'
import { claimLake } from '../src/pipeline/identity.ts'
import type { Ports } from '../src/ports/index.ts'
import { Batch } from '../src/simulator/batch.ts'
import { facts } from '../src/tables/index.ts'
import { firstDayOf, monthOf, parseDay } from '../src/time.ts'
import { buildWorld, type World } from '../src/world/world.ts'
import { freshFolder } from './front-door.ts'
import { type Shop, shopConfig } from './worlds.ts'

export interface LocalShop {
  config: Config
  world: World
  ports: Ports
}

/** A workspace of its own, with nothing in it. */
export function localShop(shop: Shop = {}, workspace = freshFolder()): LocalShop {
  const config = { ...configSchema.parse(shopConfig(shop)), workspace }
  return { config, world: buildWorld(config), ports: openLocal(config) }
}

/** Makes history up to a day as backfill does, without its threads. Returns what was done with each part. */
export async function makeHistory({ config, world, ports }: LocalShop, to: string): Promise<PartDone[]> {
  await claimLake(ports, world, config)
  const { lake, workspace } = ports
  const { parts } = await lake.layout()
  const last = parseDay(to)!
  const done: PartDone[] = []
  for (const { index: block } of world.blocks) {
    const months: BlockTask['months'] = []
    for (let month = monthOf(world.from); month <= monthOf(last); month++) {
      const through = Math.min(last, firstDayOf(month + 1) - 1)
      const existing = parts.filter((part) => part.block === block && part.month === month && part.through === through)
      months.push({ month, through, existing })
    }
    await runBlockTask(
      { block, tables: facts.map(({ name }) => name), months },
      {
        config,
        world,
        lake,
        workspace,
        scratch: new Batch(world.schema === 'extended'),
        stop: () => false,
        onPart: (part) => done.push(part),
      },
    )
  }
  return done
}
