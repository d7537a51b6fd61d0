import type { Cut, LakeLayout, Ports, Upkeep } from '../../ports/index.ts'
import type { Second } from '../../time.ts'
import type { World } from '../../world/world.ts'
import { misplacedIn, without } from '../misplaced.ts'
import type { RepairFile } from './repair-file.ts'

/**
 * Moves aside what lies in a lake and does not belong there. Returns what remains, and how far live batches of this
 * world reach that had a wrong name: those events were delivered.
 */
export async function repairMisplaced(
  { upkeep, lake }: Pick<Ports, 'lake'> & { upkeep: Extract<Upkeep, { can: true }> },
  world: World,
  names: LakeLayout,
  published: Cut | undefined,
  { dryRun, repairFile }: { dryRun: boolean; repairFile: RepairFile },
): Promise<{ layout: LakeLayout; delivered: Second }> {
  let layout = names
  let delivered = 0
  // Without the last month of a copied history, the one before it is the last.
  for (;;) {
    const found = await misplacedIn({ lake }, world, layout, { published })
    if (found.length === 0) return { layout, delivered }
    for (const { key, damage } of found) {
      if (damage.kind === 'elsewhere') delivered = Math.max(delivered, damage.until ?? 0)
      await repairFile(key, damage.why, () => upkeep.setAside(key))
    }
    layout = dryRun ? without(layout, found) : await lake.layout()
  }
}
