import { createHash } from 'node:crypto'
import type { Config } from '../../config/schema.ts'
import type { Cut, LakeLayout, Ports, Published } from '../../ports/index.ts'
import type { TruthCut } from '../../truth/block-truth.ts'
import { buildWorld, type World } from '../../world/world.ts'
import { enter } from '../enter.ts'
import { coverWorld } from '../live/layout.ts'
import { misplacedIn, without } from '../misplaced.ts'
import { noDatabase } from '../preconditions.ts'
import { refuseFaults } from './refuse.ts'

/** Refuses what cannot be verified. */
export async function enterVerify(ports: Ports, config: Config): Promise<{ world: World; published: Published }> {
  const world = buildWorld(config)
  await enter('verify', ports, config, world)
  await refuseFaults(ports)
  const published = await ports.warehouse.published()
  if (!published) throw noDatabase('verify', ports)
  return { world, published }
}

/** What a verify compares, and how far. */
export interface Standing {
  published: Published
  /** How far raw goes, and how far it shows rows. */
  raw: Cut
  shown: Cut
  /** The last writer may have been killed before it published. */
  behind: boolean
  cut: TruthCut
  /** Identifies the files of the lake and what was published. */
  cover: string
}

export async function standingOf(ports: Ports, world: World, published: Published): Promise<Standing> {
  const { live, lake, warehouse } = ports
  const names = await lake.layout()
  const misplaced = await misplacedIn(ports, world, names, { published: published.raw })
  const layout = without(names, misplaced)
  const cover = coverWorld(layout, world)
  const raw: Cut = {
    history: Math.max(cover.history, published.raw.history),
    live: Math.max(cover.live, live.by === 'broker' ? published.raw.history : published.raw.live),
  }
  const behind = published.raw.history !== cover.history || published.generation !== layout.generation
  // Rows that are not loaded yet are not compared; if raw is views, the reader sees them in the lake.
  const shown: Cut = warehouse.traits.raw.of === 'rows' && behind ? { ...published.raw } : raw
  // The model is a view: within a second, it shows rows that are not expected yet.
  const model = Number.isInteger(shown.live) ? {} : { model: Math.floor(shown.live) }
  const cut: TruthCut = { raw: shown.live, marts: published.marts?.live, ...model }
  return { published, raw, shown, behind, cut, cover: digestOf(names, published) }
}

function digestOf({ parts, rolled, live, generation }: LakeLayout, { raw, marts }: Published): string {
  const files = [
    ...parts.map(({ key, sizeBytes }) => `${key} ${sizeBytes}`),
    ...[...rolled, ...live].map(({ key }) => key),
  ]
  const hash = createHash('sha256').update(JSON.stringify([raw, marts ?? null, generation]))
  for (const file of files.sort()) hash.update(`\n${file}`)
  return hash.digest('hex').slice(0, 16)
}
