import { crc32 } from 'node:zlib'
import { broken, type Damage, foreignTo, otherContent } from '../../ports/damage.ts'
import {
  batchContent,
  batchKey,
  type Cover,
  type Lake,
  type LakeBatch,
  type LakeLayout,
  type Ports,
} from '../../ports/index.ts'
import { batchFile, batchKeys, endOfContent, parseBatchKey, recordKey } from '../../ports/layout.ts'
import { hex, unsealed } from '../../ports/sealed.ts'
import { ColumnBatch } from '../../simulator/column-batch.ts'
import { LiveTimeline } from '../../simulator/live-timeline.ts'
import { type FactName, facts } from '../../tables/index.ts'
import { SECONDS_PER_DAY, type Second } from '../../time.ts'
import type { World } from '../../world/world.ts'
import { foreignKey } from '../foreign-file.ts'
import { writeBatch } from '../live/batches.ts'
import { coverWorld } from '../live/layout.ts'
import { isDamage, readOrWhy, readWhole } from '../read-whole.ts'
import { stateAt } from './snapshots.ts'

/**
 * What is wrong with a file of a batch; undefined if it is complete. DuckDB writes rolled batches, so their checksums
 * are in the
 * record of the batch.
 */
export async function batchDamage(
  { lake }: { lake: Pick<Lake, 'read'> },
  world: World,
  batch: LakeBatch,
  table: FactName,
): Promise<Damage | undefined> {
  const footer = await readWhole(lake, batchFile(batch, table))
  if (isDamage(footer))
    return footer.kind === 'unsigned' && batch.generation === undefined
      ? await rolledDamage(lake, world, batch, table)
      : footer
  const { 'retail.world': owner, 'retail.table': holds, 'retail.content': content } = footer.metadata
  if (owner !== world.id) return foreignTo(owner)
  return holds === table && content === batchContent(batch.from, batch.to)
    ? undefined
    : otherContent(holds, content, endOfContent(content))
}

async function rolledDamage(
  lake: Pick<Lake, 'read'>,
  world: World,
  batch: LakeBatch,
  table: FactName,
): Promise<Damage | undefined> {
  const { key, from, to } = batch
  const record = await readOrWhy(lake, recordKey(key))
  if (isDamage(record) && record.kind === 'missing') return record
  const checksums = isDamage(record) ? undefined : unsealed<Record<string, string>>(record)
  if (!checksums) return broken('its checksum file is damaged')
  const bytes = await readOrWhy(lake, batchFile(batch, table))
  if (isDamage(bytes)) return bytes
  if (checksums[table] !== hex(crc32(bytes))) return broken('its bytes do not match its checksum')
  if (checksums.world !== world.id) return foreignTo(checksums.world)
  const { content } = checksums
  return content === batchContent(from, to) ? undefined : otherContent(table, content, endOfContent(content))
}

/** A live batch that was rebuilt, and why. */
export interface Rebuilt {
  batch: string
  why: string
}

/**
 * Rebuilds missing and damaged live batches from the timeline. Refuses a batch of another world, and then changes
 * nothing. The caller holds the lake's lock.
 */
export async function repairLive(ports: Ports, world: World, layout: LakeLayout): Promise<Rebuilt[]> {
  const cover = coverWorld(layout, world)
  const damaged = new Map<LakeBatch, string>()
  for (const batch of [...cover.batches, ...cover.open]) {
    for (const { name } of facts) {
      const damage = await batchDamage(ports, world, batch, name)
      if (damage?.kind === 'foreign') throw foreignKey(ports.lake, batchFile(batch, name), damage)
      if (damage && !damaged.has(batch)) damaged.set(batch, `${name}: ${damage.why}`)
    }
  }
  const lost = await lostTail(ports, cover)
  const ranges = [
    ...Array.from(damaged, ([{ key, from, to }, why]) => ({ key, from, to, why })),
    ...[...cover.gaps, ...lost]
      .flatMap(({ from, to }) => days(from, to))
      .map(({ from, to }) => ({ key: keyForGap(layout, cover, from, to), from, to, why: NO_BATCH })),
  ].sort((a, b) => a.from - b.from)
  for (const { key, from, to } of ranges) {
    const rows = await rowsOf(ports, world, from, to)
    const batch = parseBatchKey(key)!
    await ports.lake.remove(batchKeys(batch))
    await writeBatch(ports.lake, world, batch.generation, from, to, rows)
  }
  return ranges.map(({ key, why }) => ({ batch: key, why }))
}

const NO_BATCH = 'no batch covered this period'

/** Events that were published beyond the last existing batch: a lost end of the stream leaves no gap in the names. */
async function lostTail({ warehouse }: Pick<Ports, 'warehouse'>, { live }: Cover): Promise<Cover['gaps']> {
  const published = await warehouse.published()
  return published && published.raw.live > live ? [{ from: live, to: published.raw.live }] : []
}

/**
 * A gap in the open generation is filled there, because readers read that generation completely; any other gap is
 * filled by a rolled batch.
 */
function keyForGap(layout: LakeLayout, cover: Cover, from: Second, to: Second): string {
  const openFrom = cover.open[0]?.from ?? Number.POSITIVE_INFINITY
  return batchKey(from >= openFrom ? layout.generation : undefined, from, to)
}

/** Split at midnights: history may take over at any of them. */
export function days(from: Second, to: Second): { from: Second; to: Second }[] {
  const cuts = []
  for (let at = from; at < to; ) {
    const end = Math.min(to, (Math.floor(at / SECONDS_PER_DAY) + 1) * SECONDS_PER_DAY)
    cuts.push({ from: at, to: end })
    at = end
  }
  return cuts
}

/** The rows of [from, to). */
export async function rowsOf(
  { workspace }: Pick<Ports, 'workspace'>,
  world: World,
  from: Second,
  to: Second,
): Promise<ColumnBatch> {
  const hour = Math.floor(from / 3600)
  const cursors = await Promise.all(world.blocks.map((block) => stateAt(world, block, hour, workspace)))
  const rows = new ColumnBatch(world.schema === 'extended')
  LiveTimeline.open(world, cursors, from).advanceTo(to, rows)
  return rows
}
