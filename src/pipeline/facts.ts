import type { Config } from '../config/schema.ts'
import type { DamagedFile } from '../ports/damage.ts'
import type { Arrival, LakeBatch, Ports, Published, RunRecord, TargetTraits } from '../ports/index.ts'
import { formatDay, formatSecond, parseDay, SECONDS_PER_DAY, type Second } from '../time.ts'
import { buildWorld, type World } from '../world/world.ts'
import { coverWorld, hasDimensions } from './live/layout.ts'
import { silentFor } from './live/stalled.ts'
import { type Misplaced, misplacedDimensions, misplacedIn, without } from './misplaced.ts'
import { type Moved, movedFrom } from './moved.ts'
import type { VerifyResult } from './verify/result.ts'

/** The state of a workspace. `status` and the next steps are both derived from it. */
export interface Facts {
  config: Config
  world: World
  target: TargetTraits
  /** Display name of the database. */
  database: string
  /** What moves live events to raw; undefined if the lake shows them directly. */
  arrival: Arrival | undefined
  /** Lost live batches can be rebuilt in place; otherwise only history can, by another backfill. */
  repairs: boolean
  /** Why there are no marts, and never will be; undefined if `transform` makes them. */
  noMarts: string | undefined
  published: Published | undefined
  runs: Readonly<Record<string, RunRecord | undefined>>
  /** The lake has the dimensions. */
  dimensions: boolean
  parts: number
  /** The live batches in the lake, rolled or not. */
  batches: readonly LakeBatch[]
  /** Bytes of the parts. */
  partBytes: number
  /** End of history, exclusive; its last day, and whether all configured days exist. */
  history: { to: Second; begun: boolean; lastDay: string; whole: boolean }
  /** Parts that existed are missing, or live batches leave gaps. */
  lost: { parts: boolean; batches: boolean }
  /** State files that are damaged, and whatever has their place. */
  damage: readonly DamagedFile[]
  /** Files of the lake that do not belong where they are. */
  misplaced: readonly Pick<Misplaced, 'key' | 'damage'>[]
  /** The database was made where the lake was before. */
  moved: Moved | undefined
  /** The end of live events in the lake, the end in total, and whether there are any. */
  live: { inLake: Second; to: Second; any: boolean }
  /** The processes that write the lake and the marts. */
  writer: { command: string; pid: number } | undefined
  builder: object | undefined
  /** The last figures of a stream. */
  tick: Readonly<Record<string, unknown>> | undefined
  /** Milliseconds without progress of a running stream; undefined while it progresses. */
  silentMs: number | undefined
  /** The marts end before the last whole second of raw. */
  behind: boolean
  /** The last verify covered everything that exists. */
  verifiedAll: boolean
}

/** Reads only names and small files, and waits for no process. */
export async function readFacts(ports: Ports, config: Config, world: World = buildWorld(config)): Promise<Facts> {
  const { lake, warehouse, workspace, target } = ports
  const travels = ports.live.by === 'broker'
  // Concurrently: in the cloud, each of them waits for a response.
  const [names, published, runs, writer, builder, tick, damage] = await Promise.all([
    lake.layout(),
    warehouse.published(),
    workspace.runs(),
    workspace.owner('lake'),
    workspace.owner('build'),
    workspace.tick(),
    workspace.damage({ quick: true }),
  ])
  const misplaced = await misplacedIn(ports, world, names, { published: published?.raw, quick: true })
  const layout = without(names, misplaced)
  const cover = coverWorld(layout, world)
  const live = Math.max(cover.live, travels ? (published?.raw.live ?? 0) : 0)
  const marts = published?.marts
  const verified = resultOf<VerifyResult>(runs.verify)
  return {
    ...{ config, world, published, runs, writer, builder, tick, damage },
    misplaced: [...misplaced, ...(await misplacedDimensions(ports, world, layout))],
    target,
    database: warehouse.location,
    arrival: ports.live.by === 'broker' ? ports.live.arrival : undefined,
    repairs: ports.upkeep.can,
    noMarts: warehouse.dbt.can ? undefined : warehouse.dbt.why,
    dimensions: hasDimensions(layout, world),
    parts: layout.parts.length,
    batches: [...layout.live, ...layout.rolled],
    partBytes: layout.parts.reduce((sum, part) => sum + part.sizeBytes, 0),
    history: {
      to: cover.history,
      begun: cover.history > world.from * SECONDS_PER_DAY,
      lastDay: formatDay(cover.history / SECONDS_PER_DAY - 1),
      whole: cover.history >= (parseDay(config.history.to)! + 1) * SECONDS_PER_DAY,
    },
    lost: {
      parts: published !== undefined && published.raw.history > cover.history,
      batches:
        // A gap up to where history ended comes from missing parts.
        cover.gaps.some(({ to }) => to > (published?.raw.history ?? 0)) ||
        // Where parts are missing, the lake ends there; live events are lost only if there were any.
        (!travels && published !== undefined && published.raw.live > Math.max(cover.live, published.raw.history)),
    },
    moved: movedFrom(published, lake.location),
    live: { inLake: cover.live, to: live, any: live > cover.history },
    silentMs: silentFor(tick, writer),
    behind: marts !== undefined && (marts.live < Math.floor(live) || marts.history < cover.history),
    verifiedAll: verified?.raw.live === formatSecond(live) && verified.raw.history === formatSecond(cover.history),
  }
}

export const resultOf = <T>(run: RunRecord | undefined): T | undefined => run?.result as T | undefined
