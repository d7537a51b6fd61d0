import { errnoOf } from '../../errors.ts'
import { type Damage, MISSING } from '../../ports/damage.ts'
import {
  type Cover,
  type Cut,
  type Lake,
  type LakeBatch,
  type LakeLayout,
  type Part,
  type Ports,
  partKey,
} from '../../ports/index.ts'
import { batchFile, keptKey } from '../../ports/layout.ts'
import { type FactName, facts } from '../../tables/index.ts'
import { firstDayOf, formatMonth, formatSecond, monthOf, SECONDS_PER_DAY } from '../../time.ts'
import type { World } from '../../world/world.ts'
import { checkPart } from '../history/block-task.ts'
import { batchDamage } from '../history/repair.ts'
import { coverWorld } from '../live/layout.ts'
import { misplacedIn, without } from '../misplaced.ts'
import { isDamage } from '../read-whole.ts'
import type { Finding } from './check.ts'
import { differenceOf, type Found } from './sentences.ts'

type FoundFile = (table: string, file: string, damage: Damage, day: string) => void

/**
 * Checks names, then footers and checksums. A file that was once published counts even if it no longer exists. `reads`: only
 * these files are opened, except for those that are known to be `whole`.
 */
export async function checkFiles(
  ports: Ports,
  world: World,
  { history, live }: Cut,
  quick: boolean,
  reads: (key: string) => boolean = () => !quick,
  whole: (key: string) => boolean = () => false,
): Promise<Finding> {
  const names = await ports.lake.layout()
  const misplaced = await misplacedIn(ports, world, names, { published: { history, live } })
  const layout = without(names, misplaced)
  const cover = coverWorld(layout, world)
  const differences: Found[] = misplaced.map(({ key, table, damage, day }) => ({
    ...{ check: 'files', kind: 'unexpected', table, file: key, found: damage.why, sentence: damage.why },
    ...(day && { day }),
  }))
  let compared = 0
  const found: FoundFile = (table, file, damage, day) =>
    differences.push({ check: 'files', ...differenceOf(damage), table, file, day })

  const there = new Map(
    // The relevant part comes last; there are also parts beyond the end of history.
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
          const key = partKey(table, index, month, Math.min(firstDayOf(month + 1) - 1, lastDay), ports.lake)
          found(table, key, MISSING, formatMonth(month))
        } else if (reads(part.key) && !whole(part.key)) {
          const state = await checkNow(ports.lake, world, part)
          if (isDamage(state)) found(table, part.key, state, formatMonth(month))
        }
      }
    }
  }
  // Gaps before the end of history are reported as missing parts.
  const gaps = [...cover.gaps, { from: cover.live, to: live }]
    .map(({ from, to }) => ({ from: Math.max(from, history), to }))
    .filter(({ from, to }) => from < to)
  await checkBatches(ports, world, { layout, cover: { ...cover, gaps } }, { reads, whole }, found, () => compared++)
  return { compared, differences }
}

/** If a concurrent backfill has replaced a part, this reads the part's new name. */
async function checkNow(lake: Lake, world: World, part: Part): ReturnType<typeof checkPart> {
  try {
    return await checkPart(world, lake, part.table, part.key)
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT') throw error
    const { table, block, month, through } = part
    const longer = (await lake.layout()).parts.find(
      (other) => other.table === table && other.block === block && other.month === month && other.through > through,
    )
    return longer ? await checkNow(lake, world, longer) : MISSING
  }
}

/** If a concurrent roll has replaced a batch, this reads the one that holds its period now. */
async function batchDamageNow(
  { lake }: Pick<Ports, 'lake'>,
  world: World,
  batch: LakeBatch,
  table: FactName,
): Promise<Damage | undefined> {
  const damage = await batchDamage({ lake }, world, batch, table)
  if (damage?.kind !== 'missing') return damage
  const { batches } = coverWorld(await lake.layout(), world)
  const longer = batches.find(
    ({ from, to }) => from <= batch.from && to >= batch.to && to - from > batch.to - batch.from,
  )
  return longer ? await batchDamageNow({ lake }, world, longer, table) : damage
}

async function checkBatches(
  ports: Ports,
  world: World,
  { layout, cover }: { layout: LakeLayout; cover: Cover },
  { reads, whole }: { reads: (key: string) => boolean; whole: (key: string) => boolean },
  found: FoundFile,
  count: () => void,
): Promise<void> {
  for (const { from, to } of cover.gaps) {
    found(
      'transactions and inventories',
      `live ${formatSecond(from)} to ${formatSecond(to)}`,
      { kind: 'missing', why: 'no batch covers this period' },
      formatSecond(from).slice(0, 10),
    )
  }
  for (const batch of [...cover.batches, ...cover.open, ...onceRead(layout)]) {
    for (const { name } of facts) {
      if (!reads(batchFile(batch, name))) continue
      count()
      if (whole(batchFile(batch, name))) continue
      const damage = await batchDamageNow(ports, world, batch, name)
      if (damage) found(name, batchFile(batch, name), damage, formatSecond(batch.from).slice(0, 10))
    }
  }
}

/**
 * Rolled batches that databases have read, by their second names, and that have lost a first name since. No row is lost
 * while older batches have it, but whoever reads the folder misses it.
 */
const onceRead = ({ unfinished = [], kept = [] }: LakeLayout): LakeBatch[] =>
  unfinished.filter((batch) => facts.some(({ name }) => kept.includes(keptKey(batchFile(batch, name)))))
