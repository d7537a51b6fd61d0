import path from 'node:path'
import type { Config } from '../../config/schema.ts'
import { type Cover, type Cut, coverOf, type Lake, type LakeLayout } from '../../ports/index.ts'
import { batchFile, dimensionKey, replaceableOf } from '../../ports/layout.ts'
import { dimensions, facts } from '../../tables/index.ts'
import { parseDay, SECONDS_PER_DAY } from '../../time.ts'
import { keepFiles } from './kept.ts'
import { mustBeFile } from './regular.ts'
import type { LakeView } from './views.ts'

/** A concurrent backfill replaces parts one after another. */
const MAX_TRIES = 20

/** The content of a lake at one moment, for the views of raw. */
export type LakeContent = LakeView & { world: string; cut: Cut }

export interface LakeContents {
  /** What the lake holds now. Each file has a name that stays valid while a database with that name is open. */
  readAndKeep(follow: boolean): Promise<LakeContent>
  /** The same without such names: a read-only process creates none. */
  readOnly(follow: boolean): Promise<LakeContent>
}

export function lakeContents(config: Config, lake: Lake): LakeContents {
  async function readAndKeep(follow: boolean): Promise<LakeContent> {
    for (let tries = 1; ; tries++) {
      const view = await readOnly(follow)
      if (keepFiles(lake.location, replaceableOf(view.cover)) || tries === MAX_TRIES) return view
    }
  }

  async function readOnly(follow: boolean): Promise<LakeContent> {
    const layout = await lake.layout()
    const identity = await lake.identity()
    const from = parseDay(identity?.historyFrom ?? config.history.from)!
    const cover = coverOf(layout, from, identity?.blocks ?? 1)
    if (!identity) cover.history = cover.live = from * SECONDS_PER_DAY
    const cut = { history: cover.history, live: cover.live }
    refuseStrange(layout, cover)
    return {
      root: lake.location,
      schema: config.world.schema,
      layout,
      cover,
      follow,
      world: identity?.world ?? '',
      cut,
    }
  }

  /** DuckDB opens the files of a view when the view is created. */
  function refuseStrange({ dimensions: there }: LakeLayout, cover: Cover): void {
    for (const { name } of dimensions) if (there[name]) mustBeFile(path.join(lake.location, dimensionKey(name, lake)))
    for (const { key } of [...cover.parts, ...cover.longParts]) mustBeFile(path.join(lake.location, key))
    for (const batch of [...cover.batches, ...cover.open])
      for (const { name } of facts) mustBeFile(path.join(lake.location, batchFile(batch, name)))
  }

  return { readAndKeep, readOnly }
}
