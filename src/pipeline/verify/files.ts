import { type Cover, type Ports, partKey } from '../../ports/index.ts'
import { facts } from '../../tables/index.ts'
import { firstDayOf, formatMonth, formatSecond, monthOf, SECONDS_PER_DAY, type Second } from '../../time.ts'
import type { World } from '../../world/world.ts'
import { checkPart } from '../history/block-task.ts'
import { batchDamage } from '../history/repair.ts'
import { coverWorld } from '../live/layout.ts'
import type { VerifyDifference } from '../results.ts'
import type { Finding } from './check.ts'

/** Looks at names, then into footers and checksums. `history`: the end that was once published, also when parts of it are gone. */
export async function checkFiles(ports: Ports, world: World, history: Second, quick: boolean): Promise<Finding> {
  const layout = await ports.lake.layout()
  const cover = coverWorld(layout, world)
  const differences: VerifyDifference[] = []
  let compared = 0
  const found = (table: string, file: string, why: string, day: string | undefined, kind: 'missing' | 'damaged') =>
    differences.push({ check: 'files', kind, table, file, day, found: why })

  const there = new Map(
    // What counts comes last; parts beyond the end of history are there, too.
    [...layout.parts, ...cover.parts, ...cover.longParts].map((part) => [
      `${part.table}/${part.block}/${part.month}`,
      part,
    ]),
  )
  const lastDay = history / SECONDS_PER_DAY - 1
  for (const { name: table } of facts) {
    for (const { index } of world.blocks) {
      for (let month = monthOf(world.from); month <= monthOf(lastDay); month++) {
        const part = there.get(`${table}/${index}/${month}`)
        compared++
        if (!part || part.through < Math.min(firstDayOf(month + 1) - 1, lastDay)) {
          const key = partKey(table, index, month, Math.min(firstDayOf(month + 1) - 1, lastDay))
          found(table, key, 'it is not there', formatMonth(month), 'missing')
        } else if (!quick) {
          const state = await checkPart(world, ports.lake, table, part.key)
          if (typeof state === 'string') found(table, part.key, state, formatMonth(month), 'damaged')
        }
      }
    }
  }
  await checkBatches(ports, cover, quick, found, () => compared++)
  return { compared, differences }
}

async function checkBatches(
  ports: Ports,
  cover: Cover,
  quick: boolean,
  found: (table: string, file: string, why: string, day: string, kind: 'missing' | 'damaged') => void,
  count: () => void,
): Promise<void> {
  for (const { from, to } of cover.gaps) {
    found(
      'transactions and inventories',
      `live ${formatSecond(from)} to ${formatSecond(to)}`,
      'no batch holds this stretch',
      formatSecond(from).slice(0, 10),
      'missing',
    )
  }
  if (quick) return
  for (const batch of [...cover.batches, ...cover.open]) {
    for (const { name } of facts) {
      count()
      const why = await batchDamage(ports, batch, name)
      if (why)
        found(
          name,
          `${batch.key}/${name}.parquet`,
          why,
          formatSecond(batch.from).slice(0, 10),
          why === 'it is not there' ? 'missing' : 'damaged',
        )
    }
  }
}
