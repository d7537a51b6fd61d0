import type { Config } from '../config/schema.ts'
import type { Ports, Published, RunRecord } from '../ports/index.ts'
import { facts } from '../tables/index.ts'
import { formatDay, formatSecond, parseDay, SECONDS_PER_DAY } from '../time.ts'
import { VERSION } from '../version.ts'
import { buildWorld } from '../world/world.ts'
import { checkWorld } from './identity.ts'
import { coverWorld } from './live/layout.ts'
import type {
  BackfillResult,
  InfraApplyResult,
  InfraDestroyResult,
  LoadResult,
  SeedDimsResult,
  StatusResult,
  StatusStep,
  StreamResult,
  TransformResult,
  VerifyResult,
} from './results.ts'

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

  const wanted = (parseDay(config.history.to)! + 1) * SECONDS_PER_DAY
  const begun = cover.history > world.from * SECONDS_PER_DAY
  const lost = published !== undefined && published.raw.history > cover.history
  const lastDay = formatDay(cover.history / SECONDS_PER_DAY - 1)
  const live = Math.max(cover.live, ports.live ? (published?.raw.live ?? 0) : 0)
  const streamed = live - cover.history
  const marts = published?.marts
  const behind = marts !== undefined && (marts.live < live || marts.history < cover.history)

  const seedRun = resultOf<SeedDimsResult>(runs['seed-dims'])
  const hasDims = layout.dimensions.product && layout.dimensions.store
  const backfillRun = resultOf<BackfillResult>(runs.backfill)
  const streamRun = resultOf<StreamResult>(runs.stream)
  const transformRun = resultOf<TransformResult>(runs.transform)
  const verifyRun = resultOf<VerifyResult>(runs.verify)
  const verifiedFresh =
    verifyRun?.raw.live === formatSecond(live) && verifyRun.raw.history === formatSecond(cover.history)

  const steps: StatusStep[] = [
    infraStep(ports, published, runs.infra),
    {
      step: 'seed-dims',
      state: hasDims ? 'done' : 'none',
      rows: hasDims ? world.products.count + world.stores.count : undefined,
      lastRun: runs['seed-dims']?.finishedAt,
      detail: hasDims
        ? `${world.stores.count} stores, ${world.products.count} products`
        : seedRun
          ? 'the files are gone'
          : '',
    },
    {
      step: 'backfill',
      state: lost
        ? 'failed'
        : writer?.command === 'backfill'
          ? 'running'
          : cover.history >= wanted
            ? 'done'
            : begun || layout.parts.length > 0
              ? 'partial'
              : 'none',
      rows: backfillRun ? backfillRun.total.rows.transactions + backfillRun.total.rows.inventories : undefined,
      lastRun: runs.backfill?.finishedAt,
      detail: lost ? 'parts are missing' : begun ? `${config.history.from} to ${lastDay}` : '',
    },
    {
      step: 'stream',
      state:
        writer?.command === 'stream' ? 'running' : cover.gaps.length > 0 ? 'failed' : streamed > 0 ? 'done' : 'none',
      rows: streamRun?.events,
      lastRun: runs.stream?.finishedAt,
      detail:
        writer?.command === 'stream'
          ? `pid ${writer.pid}, ${tick?.reached ?? 0} events/s, lag ${tick?.lagMs ?? 0} ms, at ${formatSecond(live)}`
          : streamed > 0
            ? `to ${formatSecond(live)}`
            : '',
    },
    ...(ports.live ? [loadStep(config, runs.load)] : []),
    {
      step: 'transform',
      state: builder
        ? 'running'
        : runs.transform?.error || transformRun?.failed.length
          ? 'failed'
          : !marts
            ? 'none'
            : behind
              ? 'stale'
              : 'done',
      rows: undefined,
      lastRun: runs.transform?.finishedAt,
      detail:
        runs.transform?.error?.message ??
        (marts ? `marts to ${formatSecond(marts.live)}${behind ? ', data goes on' : ''}` : ''),
    },
    {
      step: 'verify',
      state: !verifyRun
        ? runs.verify?.error
          ? 'failed'
          : 'none'
        : !verifyRun.ok
          ? 'failed'
          : verifiedFresh
            ? 'done'
            : 'stale',
      rows: verifyRun ? verifyRun.rows.transactions + verifyRun.rows.inventories : undefined,
      lastRun: runs.verify?.finishedAt,
      detail: verifyRun
        ? `${verifyRun.checks.filter(({ ok }) => ok).length} of ${verifyRun.checks.length} checks passed`
        : (runs.verify?.error?.message ?? ''),
    },
  ]
  return {
    version: VERSION,
    target: config.target,
    workspace: config.workspace,
    config: undefined,
    world: world.id,
    raw: { history: formatSecond(cover.history), live: formatSecond(cover.live) },
    database: { location: ports.warehouse.location, sizeBytes: published && (await ports.warehouse.sizeBytes()) },
    lake: {
      location: ports.lake.location,
      sizeBytes: layout.parts.reduce((sum, part) => sum + part.sizeBytes, 0),
      files: layout.parts.length + (layout.live.length + layout.rolled.length) * facts.length,
    },
    ...(ports.live && { billedBytes: (verifyRun?.billedBytes ?? 0) + (transformRun?.billedBytes ?? 0) }),
    steps,
    ready: hasDims && cover.history >= wanted && !lost && cover.gaps.length === 0 && marts !== undefined && !behind,
    next: nextCommand({
      hasDims,
      done: cover.history >= wanted && !lost,
      published,
      marts: marts !== undefined && !behind,
      loaded: config.gcp?.ingest !== 'load' || !waiting(runs),
      verified: verifiedFresh && verifyRun?.ok === true,
    }),
  }
}

function infraStep(ports: Ports, published: Published | undefined, run: RunRecord | undefined): StatusStep {
  const step = { step: 'infra', rows: undefined, lastRun: run?.finishedAt } as const
  if (!ports.live) return { ...step, state: 'not needed', lastRun: undefined, detail: 'target local needs none' }
  // Whoever made it, data are there.
  if (published) return { ...step, state: 'done', detail: ports.warehouse.location }
  if (run?.error) return { ...step, state: 'failed', detail: run.error.message }
  const made = resultOf<InfraApplyResult | InfraDestroyResult>(run)?.action === 'apply'
  return { ...step, state: made ? 'done' : 'none', detail: made ? ports.warehouse.location : '' }
}

function loadStep({ gcp }: Config, run: RunRecord | undefined): StatusStep {
  if (gcp?.ingest === 'subscription') {
    const detail = 'a BigQuery subscription writes live events'
    return { step: 'load', state: 'not needed', rows: undefined, lastRun: undefined, detail }
  }
  const result = resultOf<LoadResult>(run)
  const dead = result?.deadLetters ?? 0
  return {
    step: 'load',
    state: run?.error ? 'failed' : result ? 'done' : 'none',
    rows: result && result.rows.transactions + result.rows.inventories,
    lastRun: run?.finishedAt,
    detail: run?.error?.message ?? (dead > 0 ? `${dead} dead letters` : ''),
  }
}

/** Whether this machine streamed after it last loaded; what others do is not known here. */
const waiting = ({ stream, load }: Record<string, RunRecord | undefined>): boolean =>
  (load?.finishedAt ?? '') < (stream?.finishedAt ?? '')

function nextCommand(have: {
  hasDims: boolean
  done: boolean
  published: Published | undefined
  marts: boolean
  loaded: boolean
  verified: boolean
}): string {
  if (!have.hasDims) return 'retail seed-dims'
  if (!have.done) return 'retail backfill'
  if (!have.marts && !have.loaded) return 'retail load --idle 30s'
  if (!have.marts) return 'retail transform'
  if (!have.verified) return 'retail verify'
  return 'retail stream --speed 60'
}

const resultOf = <T>(run: RunRecord | undefined): T | undefined => run?.result as T | undefined
