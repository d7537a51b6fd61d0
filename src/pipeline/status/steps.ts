import type { Config } from '../../config/schema.ts'
import type { Published, RunRecord } from '../../ports/index.ts'
import { formatSecond, type Second } from '../../time.ts'
import type { World } from '../../world/world.ts'
import type {
  BackfillResult,
  InfraApplyResult,
  InfraDestroyResult,
  LoadResult,
  SeedDimsResult,
  StatusStep,
  StreamResult,
  TransformResult,
  VerifyResult,
} from '../results.ts'

/** What was found, before anything is made of it. */
export interface Found {
  config: Config
  world: World
  /** undefined with target local */
  database: string | undefined
  published: Published | undefined
  runs: Readonly<Record<string, RunRecord | undefined>>
  /** the dimensions are in the lake */
  dimensions: boolean
  parts: number
  /** the first and last day of history that is there, and whether it is all that was asked for */
  history: { begun: boolean; lastDay: string; whole: boolean }
  /** parts that were there once are not, or live batches leave gaps */
  lost: { parts: boolean; batches: boolean }
  /** how far live events have come, and whether there are any */
  live: { to: Second; any: boolean }
  /** who writes the lake, and who the marts */
  writer: { command: string; pid: number } | undefined
  builder: object | undefined
  /** what a stream last said of itself */
  tick: Readonly<Record<string, unknown>> | undefined
  /** the marts end before raw does */
  behind: boolean
  /** the last verify saw all that is there */
  verifiedAll: boolean
}

type State = Pick<StatusStep, 'state' | 'detail'> & Partial<Pick<StatusStep, 'rows'>>

/** The steps in the order in which they are run. */
export function stepsOf(found: Found): StatusStep[] {
  const step = (step: StatusStep['step'], { state, detail, rows }: State): StatusStep => ({
    ...{ step, state, rows, detail },
    lastRun: state === 'not needed' ? undefined : found.runs[step]?.finishedAt,
  })
  return [
    step('infra', infra(found)),
    step('seed-dims', seedDims(found)),
    step('backfill', backfill(found)),
    step('stream', stream(found)),
    ...(found.database === undefined ? [] : [step('load', load(found))]),
    step('transform', transform(found)),
    step('verify', verify(found)),
  ]
}

function infra({ database, published, runs }: Found): State {
  if (database === undefined) return { state: 'not needed', detail: 'target local needs none' }
  // Whoever made it, data are there.
  if (published) return { state: 'done', detail: database }
  if (runs.infra?.error) return { state: 'failed', detail: runs.infra.error.message }
  const made = resultOf<InfraApplyResult | InfraDestroyResult>(runs.infra)?.action === 'apply'
  return made ? { state: 'done', detail: database } : { state: 'none', detail: '' }
}

function seedDims({ dimensions, world, runs }: Found): State {
  const [stores, products] = [world.stores.count, world.products.count]
  if (dimensions) return { state: 'done', rows: stores + products, detail: `${stores} stores, ${products} products` }
  return { state: 'none', detail: resultOf<SeedDimsResult>(runs['seed-dims']) ? 'the files are gone' : '' }
}

function backfill({ config, history, lost, parts, writer, runs }: Found): State {
  const made = resultOf<BackfillResult>(runs.backfill)?.total.rows
  const rows = made && made.transactions + made.inventories
  if (lost.parts) return { state: 'failed', rows, detail: 'parts are missing' }
  const detail = history.begun ? `${config.history.from} to ${history.lastDay}` : ''
  if (writer?.command === 'backfill') return { state: 'running', rows, detail }
  if (history.whole) return { state: 'done', rows, detail }
  return { state: history.begun || parts > 0 ? 'partial' : 'none', rows, detail }
}

function stream({ live, lost, writer, tick, runs }: Found): State {
  const rows = resultOf<StreamResult>(runs.stream)?.events
  const to = formatSecond(live.to)
  if (writer?.command === 'stream') {
    const pace = `${tick?.reached ?? 0} events/s, lag ${tick?.lagMs ?? 0} ms`
    return { state: 'running', rows, detail: `pid ${writer.pid}, ${pace}, at ${to}` }
  }
  const detail = live.any ? `to ${to}` : ''
  if (lost.batches) return { state: 'failed', rows, detail }
  return { state: live.any ? 'done' : 'none', rows, detail }
}

function load({ config, runs }: Found): State {
  if (config.gcp?.ingest === 'subscription')
    return { state: 'not needed', detail: 'a BigQuery subscription writes live events' }
  const result = resultOf<LoadResult>(runs.load)
  const rows = result && result.rows.transactions + result.rows.inventories
  const error = runs.load?.error
  if (error) return { state: 'failed', rows, detail: error.message }
  const dead = result?.deadLetters ?? 0
  return { state: result ? 'done' : 'none', rows, detail: dead > 0 ? `${dead} dead letters` : '' }
}

function transform({ published, behind, builder, runs }: Found): State {
  const [marts, error] = [published?.marts, runs.transform?.error]
  const built = marts ? `marts to ${formatSecond(marts.live)}${behind ? ', data goes on' : ''}` : ''
  const detail = error?.message ?? built
  if (builder) return { state: 'running', detail }
  if (error || resultOf<TransformResult>(runs.transform)?.failed.length) return { state: 'failed', detail }
  if (!marts) return { state: 'none', detail }
  return { state: behind ? 'stale' : 'done', detail }
}

function verify({ verifiedAll, runs }: Found): State {
  const [result, error] = [resultOf<VerifyResult>(runs.verify), runs.verify?.error]
  if (!result) return { state: error ? 'failed' : 'none', detail: error?.message ?? '' }
  const rows = result.rows.transactions + result.rows.inventories
  const passed = result.checks.filter(({ ok }) => ok).length
  const detail = `${passed} of ${result.checks.length} checks passed`
  if (!result.ok) return { state: 'failed', rows, detail }
  return { state: verifiedAll ? 'done' : 'stale', rows, detail }
}

/** The command that brings it further. */
export function nextCommand({
  config,
  dimensions,
  history,
  lost,
  published,
  behind,
  verifiedAll,
  runs,
}: Found): string {
  if (!dimensions) return 'retail seed-dims'
  if (!history.whole || lost.parts) return 'retail backfill'
  if (!published?.marts || behind)
    return config.gcp?.ingest === 'load' && waiting(runs) ? 'retail load --idle 30s' : 'retail transform'
  if (!verifiedAll || resultOf<VerifyResult>(runs.verify)?.ok !== true) return 'retail verify'
  return 'retail stream --speed 60'
}

/** Whether this machine streamed after it last loaded; what others do is not known here. */
const waiting = ({ stream, load }: Found['runs']): boolean => (load?.finishedAt ?? '') < (stream?.finishedAt ?? '')

export const resultOf = <T>(run: RunRecord | undefined): T | undefined => run?.result as T | undefined
