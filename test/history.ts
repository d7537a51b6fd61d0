import { openLocal } from '../src/adapters/local/index.ts'
import { LAST_DAY } from '../src/config/bounds.ts'
import { type Config, configSchema } from '../src/config/schema.ts'
import { type BlockTask, type PartDone, runBlockTask } from '../src/pipeline/history/block-task.ts'
import { claimLake } from '../src/pipeline/identity.ts'
import type { Build, BuildScope, Ports } from '../src/ports/index.ts'
import { ColumnBatch } from '../src/simulator/column-batch.ts'
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

const DEFAULT_END = '2024-03-31'

/** A workspace of its own, with nothing in it. */
export function localShop(shop: Shop = {}, workspace = freshFolder()): LocalShop {
  const { history, ...rest } = shopConfig(shop)
  const to = history.from > DEFAULT_END ? LAST_DAY : DEFAULT_END
  const config = { ...configSchema.parse({ ...rest, history: { ...history, to } }), workspace }
  return { config, world: buildWorld(config), ports: openLocal(config) }
}

/** What `transform` works in, of a target that has one. */
export async function openBuild({ warehouse: { dbt } }: Ports, scope?: BuildScope): Promise<Build> {
  if (!dbt.can) throw new Error(dbt.why)
  return await dbt.openBuild(undefined, scope)
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
      months.push({ month, from: Math.max(firstDayOf(month), world.from), through, existing })
    }
    await runBlockTask(
      { block, tables: facts.map(({ name }) => name), months },
      {
        config,
        world,
        lake,
        workspace,
        scratch: new ColumnBatch(world.schema === 'extended'),
        stop: () => false,
        onPart: (part) => done.push(part),
      },
    )
  }
  return done
}
