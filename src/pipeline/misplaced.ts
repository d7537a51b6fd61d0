import { advise, retail } from '../advice.ts'
import { RetailError } from '../errors.ts'
import { broken, type Damage, isElsewhere, STRAY } from '../ports/damage.ts'
import type { Cover, Cut, ExportPorts, LakeBatch, LakeLayout, Part } from '../ports/index.ts'
import { batchKeys, dimensionKey, LIVE } from '../ports/layout.ts'
import { dimensions, facts } from '../tables/index.ts'
import { formatMonth, formatSecond, monthOf, SECONDS_PER_DAY } from '../time.ts'
import type { World } from '../world/world.ts'
import { dimensionDamage } from './dimension-damage.ts'
import { foreignKey } from './foreign-file.ts'
import { coverWorld } from './live/layout.ts'
import { isDamage } from './read-whole.ts'

/**
 * A file or folder of a lake that lies where readers find data and that does not belong there: a copy, or something
 * under another name than its own. Names decide how far history and the stream reach, so such a name must not count.
 */
export interface Misplaced {
  key: string
  /** The table, or both. */
  table: string
  /** A live batch with the content of another one says where that ends. */
  damage: Damage
  /** Where it lies in the timeline, if its name says so. */
  day?: string
}

type Lakes = Pick<ExportPorts, 'lake'>
interface Known {
  /** What was published: names within it are right, so a file of other content there is damaged. */
  published: Cut | undefined
  /** Only names are read, and the files that reach further than what was published. */
  quick?: boolean
}

const BOTH = facts.map(({ name }) => name).join(' and ')

/** Finds what does not belong. Files that are missing or damaged are not for this to find. */
export async function misplacedIn(
  { lake }: Lakes,
  world: World,
  layout: LakeLayout,
  known: Known,
): Promise<Misplaced[]> {
  // Only folders have readers of their own, and a repair.
  if (!lake.traits.repairs) return []
  const strays = (layout.strays ?? []).map(
    ({ key, why }): Misplaced => ({ key, table: tableOf(key), damage: why === undefined ? STRAY : broken(why) }),
  )
  const parts = await misplacedParts(lake, world, layout, known)
  const batches = await misplacedBatches(lake, world, layout, known)
  return [...strays, ...parts, ...batches]
}

/** Dimensions that are intact and not what their names say. `repair` makes them again in place. */
export async function misplacedDimensions(
  { lake }: Lakes,
  world: World,
  { dimensions: there }: LakeLayout,
): Promise<Misplaced[]> {
  if (!lake.traits.repairs) return []
  const found: Misplaced[] = []
  for (const { name } of dimensions.filter((one) => there[one.name])) {
    const damage = await dimensionDamage(lake, world, name)
    if (damage && isElsewhere(damage)) found.push({ key: dimensionKey(name, lake), table: name, damage })
  }
  return found
}

/** The layout without them. */
export function without(layout: LakeLayout, misplaced: readonly Misplaced[]): LakeLayout {
  const keys = new Set(misplaced.map(({ key }) => key))
  if (keys.size === 0) return layout
  const kept = <T extends { key: string }>(all: readonly T[]) => all.filter(({ key }) => !keys.has(key))
  const live = kept(layout.live)
  const rolled = layout.rolled.filter((batch) => !batchKeys(batch).some((key) => keys.has(key)))
  return {
    ...layout,
    ...{ parts: kept(layout.parts), rolled, live },
    generation: Math.max(0, ...live.map(({ generation }) => generation ?? 0)),
    strays: kept(layout.strays ?? []),
  }
}

/** Refuses to extend a lake whose names cannot be trusted. `repair` moves it aside. */
export async function refuseMisplaced(ports: Lakes, world: World, published: Cut | undefined): Promise<void> {
  const layout = await ports.lake.layout()
  const found = await misplacedIn(ports, world, layout, { published, quick: true })
  // Our databases read all of an open generation; elsewhere, a stray is only in the way of others.
  const first = found.find(({ key, damage }) => damage.kind !== 'stray' || key.startsWith(`${LIVE}/`))
  if (!first) return
  if (first.damage.kind === 'foreign') throw foreignKey(ports.lake, first.key, first.damage)
  throw new RetailError('damaged', `${ports.lake.location}/${first.key} cannot be used: ${first.damage.why}`, {
    why: 'its name says how far the data reaches, and its content says something else',
    hint: advise`${retail('repair')} moves it aside`,
  })
}

async function misplacedParts(
  lake: Lakes['lake'],
  world: World,
  layout: LakeLayout,
  { published }: Known,
): Promise<Misplaced[]> {
  const cover = coverWorld(layout, world)
  const [first, last] = [monthOf(world.from), monthOf(cover.history / SECONDS_PER_DAY - 1)]
  const replaced = new Set(cover.superseded.parts)
  const wrong = new Map<Part, Damage>()
  for (const part of layout.parts) {
    const { block, month, through, table, key } = part
    if (block >= world.blocks.length || month < first) wrong.set(part, STRAY)
    // The parts of the last month decide how far history reaches; those after it are few.
    if (wrong.has(part) || replaced.has(part) || month < last || isPublished(through, published)) continue
    // Only now: `status` seldom needs the encoders.
    const { checkPart, fitsName } = await import('./history/block-task.ts')
    if (await fitsName(world, lake, table, key)) continue
    const state = await checkPart(world, lake, table, key)
    if (isDamage(state) && isElsewhere(state)) wrong.set(part, state)
  }
  const rest = { ...layout, parts: layout.parts.filter((part) => !wrong.has(part)) }
  const end = coverWorld(rest, world).history / SECONDS_PER_DAY
  return Array.from(wrong, ([{ key, table, month, through }, damage]) => ({
    ...{ key, table, damage, day: formatMonth(month), isNeeded: damage.kind !== 'stray' && through < end },
  }))
    .filter(({ isNeeded }) => !isNeeded)
    .map(({ isNeeded: _, ...misplaced }) => misplaced)
}

const isPublished = (through: number, published: Cut | undefined): boolean =>
  published !== undefined && (through + 1) * SECONDS_PER_DAY <= published.history

async function misplacedBatches(
  lake: Lakes['lake'],
  world: World,
  layout: LakeLayout,
  { published, quick = false }: Known,
): Promise<Misplaced[]> {
  const cover = coverWorld(layout, world)
  const used = new Set([...cover.batches, ...cover.open])
  const opening = layout.live.filter(
    ({ generation, from }) => generation === layout.generation && from >= cover.history,
  )
  // Batches that overlap: at least one of them is wrong.
  const isOverlapped = opening.some((batch) => !used.has(batch))
  const wrong = new Map<LakeBatch, Damage>()
  for (const batch of new Set([...used, ...opening])) {
    const isBeyond = published === undefined || batch.to > published.live
    const isOpen = batch.generation === layout.generation
    if (!isBeyond && !(isOpen && (isOverlapped || !quick))) continue
    const damage = await otherContentOf(lake, world, batch)
    if (damage) wrong.set(batch, damage)
  }
  if (wrong.size === 0) return []
  const misplacedOf = ([batch, damage]: [LakeBatch, Damage]): Misplaced[] =>
    batchKeys(batch).map((key) => ({ key, table: BOTH, damage, day: formatSecond(batch.from).slice(0, 10) }))
  // What is left has a gap where the content of a batch was replaced: its name is right.
  const rest = coverWorld(without(layout, [...wrong].flatMap(misplacedOf)), world)
  return [...wrong].filter(([batch]) => !fitsGap(batch, rest, published)).flatMap(misplacedOf)
}

/** The content that a batch has instead of its own; undefined if a file of it is right, or none can be read. */
async function otherContentOf(lake: Lakes['lake'], world: World, batch: LakeBatch): Promise<Damage | undefined> {
  const { batchDamage } = await import('./history/repair.ts')
  const found: (Damage | undefined)[] = []
  for (const { name } of facts) found.push(await batchDamage({ lake }, world, batch, name))
  return found.includes(undefined) ? undefined : found.find((damage) => damage && isElsewhere(damage))
}

function fitsGap({ from, to }: LakeBatch, { gaps, live }: Cover, published: Cut | undefined): boolean {
  const lost = published !== undefined && published.live > live ? [{ from: live, to: published.live }] : []
  return from < to && [...gaps, ...lost].some((gap) => gap.from <= from && to <= gap.to)
}

const tableOf = (key: string): string => facts.find(({ name }) => key.startsWith(name))?.name ?? BOTH
