import type { CommandName } from '../advice.ts'
import type { Config } from '../config/schema.ts'
import type { Ports } from '../ports/index.ts'
import { SECONDS_PER_DAY } from '../time.ts'
import { buildWorld, type World } from '../world/world.ts'
import { checkWorld } from './identity.ts'
import { coverWorld, hasDimensions } from './live/layout.ts'
import { missing, type Need, preconditions } from './preconditions.ts'

/**
 * The start of every verb. Refuses a lake or database of another world, then names the first missing prerequisite of
 * the command. The first call to a missing infrastructure reports it: the adapter throws `missing` with the same
 * advice. `also`: further needs of this invocation.
 */
export async function enter(
  command: CommandName,
  ports: Pick<Ports, 'lake' | 'warehouse'>,
  config: Config,
  world: World = buildWorld(config),
  also: readonly Need[] = [],
): Promise<void> {
  await checkWorld(ports, world, config)
  const needs = [...preconditions[command], ...also].filter((need) => need !== 'workspace' && need !== 'infra')
  if (needs.length === 0) return
  const [layout, published] = await Promise.all([
    needs.some((need) => need !== 'marts') ? ports.lake.layout() : undefined,
    ports.warehouse.published(),
  ])
  const isThere: Record<Exclude<Need, 'workspace' | 'infra'>, () => boolean> = {
    dimensions: () => hasDimensions(layout!, world),
    // Lost parts are damage, which verify reports: history was generated.
    history: () =>
      Math.max(coverWorld(layout!, world).history, published?.raw.history ?? 0) > world.from * SECONDS_PER_DAY,
    marts: () => published?.marts !== undefined,
  }
  const [first, ...later] = needs.filter((need) => !isThere[need]())
  if (first) throw missing(command, first, later)
}
