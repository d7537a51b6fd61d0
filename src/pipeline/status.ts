import type { Config } from '../config/schema.ts'
import type { Ports } from '../ports/index.ts'
import { facts } from '../tables/index.ts'
import { formatDay, formatSecond, parseDay, SECONDS_PER_DAY } from '../time.ts'
import { VERSION } from '../version.ts'
import { buildWorld } from '../world/world.ts'
import { checkWorld } from './identity.ts'
import { coverWorld } from './live/layout.ts'
import type { StatusResult, TransformResult, VerifyResult } from './results.ts'
import { type Found, nextCommand, resultOf, stepsOf } from './status/steps.ts'

/** What exists, how fresh it is, what runs, what next. Reads names and small files only; waits for nobody. */
export async function status(ports: Ports, config: Config): Promise<StatusResult> {
  const world = buildWorld(config)
  await checkWorld(ports, world, config)
  const { lake, warehouse, workspace } = ports
  // At the same time: in the cloud each of them waits for an answer.
  const [layout, published, runs, writer, builder, tick] = await Promise.all([
    lake.layout(),
    warehouse.published(),
    workspace.runs(),
    workspace.owner('lake'),
    workspace.owner('build'),
    workspace.tick(),
  ])
  const cover = coverWorld(layout, world)
  const live = Math.max(cover.live, ports.live ? (published?.raw.live ?? 0) : 0)
  const marts = published?.marts
  const verified = resultOf<VerifyResult>(runs.verify)
  const found: Found = {
    ...{ config, world, published, runs, writer, builder, tick },
    database: ports.live && warehouse.location,
    dimensions: layout.dimensions.product && layout.dimensions.store,
    parts: layout.parts.length,
    history: {
      begun: cover.history > world.from * SECONDS_PER_DAY,
      lastDay: formatDay(cover.history / SECONDS_PER_DAY - 1),
      whole: cover.history >= (parseDay(config.history.to)! + 1) * SECONDS_PER_DAY,
    },
    lost: {
      parts: published !== undefined && published.raw.history > cover.history,
      batches: cover.gaps.length > 0,
    },
    live: { to: live, any: live > cover.history },
    behind: marts !== undefined && (marts.live < live || marts.history < cover.history),
    verifiedAll: verified?.raw.live === formatSecond(live) && verified.raw.history === formatSecond(cover.history),
  }
  const { dimensions, history, lost, behind } = found
  return {
    version: VERSION,
    target: config.target,
    workspace: config.workspace,
    config: undefined,
    world: world.id,
    raw: { history: formatSecond(cover.history), live: formatSecond(cover.live) },
    database: { location: warehouse.location, sizeBytes: published && (await warehouse.sizeBytes()) },
    lake: {
      location: lake.location,
      sizeBytes: layout.parts.reduce((sum, part) => sum + part.sizeBytes, 0),
      files: layout.parts.length + (layout.live.length + layout.rolled.length) * facts.length,
    },
    ...(ports.live && {
      billedBytes: (verified?.billedBytes ?? 0) + (resultOf<TransformResult>(runs.transform)?.billedBytes ?? 0),
    }),
    steps: stepsOf(found),
    ready: dimensions && history.whole && !lost.parts && !lost.batches && marts !== undefined && !behind,
    next: nextCommand(found),
  }
}
