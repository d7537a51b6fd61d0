import { openLocal } from '../src/adapters/local/index.ts'
import { type Config, configSchema } from '../src/config/schema.ts'
import { type BlockTask, runBlockTask } from '../src/pipeline/block-task.ts'
import { claimLake } from '../src/pipeline/identity.ts'
import { type Ports, partKey } from '../src/ports/index.ts'
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

/** Makes history up to a day as backfill does, without its threads. `existing`: parts of these are looked at first. */
export async function makeHistory({ config, world, ports }: LocalShop, to: string, existing = false): Promise<void> {
  await claimLake(ports, world, config)
  const last = parseDay(to)!
  for (const { index: block } of world.blocks) {
    const months: BlockTask['months'] = []
    for (let month = monthOf(world.from); month <= monthOf(last); month++) {
      const through = Math.min(last, firstDayOf(month + 1) - 1)
      const parts = facts.map(({ name: table }) => ({ table, key: partKey(table, block, month, through) }))
      months.push({ month, through, existing: existing ? parts : [] })
    }
    const { lake, workspace } = ports
    await runBlockTask({ block, months }, { config, world, lake, workspace, stop: () => false, onPart: () => {} })
  }
}
