import { advise, retail } from '../../advice.ts'
import { RetailError } from '../../errors.ts'
import type { Cut, Ports } from '../../ports/index.ts'
import { dimensionKey } from '../../ports/layout.ts'
import { dimensionsOf } from '../../tables/index.ts'
import type { World } from '../../world/world.ts'
import { dimensionDamage } from '../dimension-damage.ts'
import { faultsSent } from '../live/faults-sent.ts'
import { checkFiles } from './files.ts'

/** After faults, the expected data is not the whole world: `grade` knows what must be there. */
export async function refuseFaults(ports: Ports): Promise<void> {
  const faults = await faultsSent(ports)
  if (!faults) return
  throw new RetailError('bad_flag', 'the events of this workspace have faults', {
    why: `verify expects every event on target ${ports.target.name} once and unchanged; they were sent with the profile ${faults.profile}`,
    hint: advise`grade the tables with the same profile: ${retail('grade', '--transactions', 'bigquery:PROJECT.DATASET.stg_transactions', '--until', '2024-04-02', '--faults', 'rough')}`,
  })
}

/** Marts of damaged files would be silently wrong: DuckDB does not check our checksums. `reads`: the files that matter. */
export async function refuseDamage(
  ports: Ports,
  world: World,
  cut: Cut,
  reads?: (key: string) => boolean,
): Promise<void> {
  // A target that keeps its files sound also checks them.
  if (!ports.upkeep.can) return
  const { differences } = await checkFiles(ports, world, cut, false, reads)
  const broken = differences.map(({ file, table, found }) => `${file ?? table}: ${found}`)
  for (const { name } of dimensionsOf(world.schema)) {
    const damage = await dimensionDamage(ports.lake, world, name)
    if (damage) broken.push(`${dimensionKey(name, ports.lake)}: ${damage.why}`)
  }
  if (broken.length === 0) return
  throw new RetailError(
    'damaged',
    `${broken.length} ${broken.length === 1 ? 'file' : 'files'} of the lake cannot be used`,
    {
      why: broken.slice(0, 3).join('\n') + (broken.length > 3 ? '\n…' : ''),
      hint: advise`run ${retail('repair')} to regenerate them`,
    },
  )
}
