import { formatCount } from '../../numbers.ts'
import { type Arrival, type RunRecord, type ShardAt, shardName } from '../../ports/index.ts'
import { sumOfFacts } from '../../tables/index.ts'
import { formatSecond } from '../../time.ts'
import { missingText } from '../delivery/ledger.ts'
import { type Facts, resultOf } from '../facts.ts'
import type { BackfillResult } from '../history/result.ts'
import type { InfraApplyResult, InfraDestroyResult } from '../infra/result.ts'
import { endsOf, placeOf } from '../live/begin-publishing.ts'
import type { StreamResult } from '../live/result.ts'
import type { LoadResult } from '../load.ts'
import type { SeedDimsResult } from '../seed-dims.ts'
import type { TransformResult } from '../transform.ts'
import type { VerifyResult } from '../verify/result.ts'
import type { StatusStep } from './result.ts'

type State = Pick<StatusStep, 'state' | 'detail'> & Partial<Pick<StatusStep, 'rows'>>

/** The steps in the order in which to run them. `lost`: subscriptions that do not exist. */
export function stepsOf(facts: Facts, lost: readonly string[] = []): StatusStep[] {
  const step = (step: StatusStep['step'], { state, detail, rows }: State): StatusStep => ({
    ...{ step, state, rows, detail },
    lastRun: state === 'not needed' ? undefined : facts.runs[step]?.finishedAt,
  })
  return [
    step('infra', infra(facts)),
    step('seed-dims', seedDims(facts)),
    step('backfill', backfill(facts)),
    step('stream', stream(facts)),
    ...(facts.arrival ? [step('load', load(facts, facts.arrival, lost))] : []),
    step('transform', transform(facts)),
    step('verify', verify(facts)),
  ]
}

function infra({ target, database, published, runs }: Facts): State {
  if (!target.infra.needed) return { state: 'not needed', detail: `target ${target.name} needs none` }
  // The data exists, whichever process wrote it.
  if (published) return { state: 'done', detail: database }
  if (runs.infra?.error) return { state: 'failed', detail: runs.infra.error.message }
  const made = resultOf<InfraApplyResult | InfraDestroyResult>(runs.infra)?.action === 'apply'
  return made ? { state: 'done', detail: database } : { state: 'none', detail: '' }
}

function seedDims({ dimensions, world, runs }: Facts): State {
  const { store: stores, product: products, customer: customers, price_history: prices } = world.counts
  const detail = `${stores} stores, ${products} products${customers > 0 ? `, ${customers} customers` : ''}`
  if (dimensions) return { state: 'done', rows: stores + products + customers + prices, detail }
  return { state: 'none', detail: resultOf<SeedDimsResult>(runs['seed-dims']) ? 'the files are missing' : '' }
}

function backfill({ config, history, lost, parts, writer, runs }: Facts): State {
  const rows = rowsOf(resultOf<BackfillResult>(runs.backfill), history.lastDay)
  if (lost.parts) return { state: 'failed', rows, detail: 'parts are missing' }
  const detail = history.begun ? `${config.history.from} to ${history.lastDay}` : ''
  if (writer?.command === 'backfill') return { state: 'running', rows, detail }
  if (history.whole) return { state: 'done', rows, detail }
  return { state: history.begun || parts > 0 ? 'partial' : 'none', rows, detail }
}

/** The rows of history, if the last run counted all of it: not with a shorter period, and not as one of several shards. */
function rowsOf(made: BackfillResult | undefined, lastDay: string): number | undefined {
  if (!made || made.history || made.shard !== '1/1' || made.to < lastDay) return undefined
  return sumOfFacts(made.total.rows)
}

/** The failure of the last run of a command, unless a later run of one that repairs the lake has succeeded. */
function failureOf(runs: Facts['runs'], step: StatusStep['step']): RunRecord['error'] {
  return isRepairedSince(runs, step) ? undefined : runs[step]?.error
}

const isRepairedSince = (runs: Facts['runs'], step: StatusStep['step']): boolean =>
  [runs.repair, runs.backfill].some((run) => run?.result && (run.finishedAt ?? '') > (runs[step]?.finishedAt ?? ''))

function stream(facts: Facts): State {
  const { live, lost, writer, tick, silentMs, runs, published } = facts
  if (published?.shards) return streamOfShards(published.shards, facts)
  const last = resultOf<StreamResult>(runs.stream)?.events
  const to = formatSecond(live.to)
  if (writer?.command === 'stream' && silentMs !== undefined) {
    const detail = `pid ${writer.pid} has made no progress at ${to} for ${Math.round(silentMs / 1000)} s; stop it and stream again`
    return { state: 'failed', detail }
  }
  if (writer?.command === 'stream') {
    const pace = `${tick?.reached ?? 0} events/s, lag ${tick?.lagMs ?? 0} ms`
    return { state: 'running', detail: `pid ${writer.pid}, ${pace}, at ${to}` }
  }
  const error = failureOf(runs, 'stream')
  if (error) return { state: 'failed', detail: error.message }
  if (lost.batches) return { state: 'failed', detail: 'live batches are missing' }
  const detail = live.any ? `to ${to}` : ''
  const ran =
    last === undefined ? '' : `${detail && ', '}${formatCount(last)} ${last === 1 ? 'event' : 'events'} in the last run`
  return { state: live.any ? 'done' : 'none', detail: detail + ran }
}

/** Of any machine: the positions say nothing of where they run. */
function streamOfShards(shards: readonly ShardAt[], { writer, runs }: Facts): State {
  const { slowest, fastest } = endsOf(shards)
  const missing = shards.filter(({ started }) => !started)
  const ends =
    slowest.position === fastest.position
      ? `all at ${formatSecond(slowest.position)}`
      : `the slowest, ${placeOf(slowest)}; the fastest, ${placeOf(fastest)}`
  const lacking = missing.length > 0 && missing.length < shards.length ? `; ${namesOf(missing)} not started` : ''
  const detail = `${shards.length} shards, ${ends}${lacking}`
  const error = failureOf(runs, 'stream')
  if (error) return { state: 'failed', detail: `${error.message}; ${detail}` }
  if (writer?.command === 'stream') return { state: 'running', detail }
  return { state: missing.length > 0 ? 'partial' : 'done', detail }
}

const MOST_NAMED = 3

/** `2/8, 3/8, 5/8 and 2 more have` */
function namesOf(shards: readonly ShardAt[]): string {
  const named = shards.slice(0, MOST_NAMED).map(({ shard }) => shardName(shard))
  const more = shards.length - named.length
  return `${named.join(', ')}${more > 0 ? ` and ${more} more` : ''} ${shards.length === 1 ? 'has' : 'have'}`
}

function load({ runs }: Facts, arrival: Arrival, lost: readonly string[]): State {
  if (lost.length > 0) return { state: 'failed', detail: `${lost.join(' and ')} does not exist` }
  if (arrival.by === 'itself') return { state: 'not needed', detail: `${arrival.what} writes live events` }
  const result = resultOf<LoadResult>(runs.load)
  const rows = result && sumOfFacts(result.rows)
  const error = runs.load?.error
  if (error) return { state: 'failed', rows, detail: error.message }
  const dead = result?.deadLetters ?? 0
  if (result?.shortage) return { state: 'partial', rows, detail: `${missingText(result.shortage)} have not arrived` }
  return { state: result ? 'done' : 'none', rows, detail: dead > 0 ? `${dead} dead letters` : '' }
}

function transform({ published, behind, builder, runs, noMarts }: Facts): State {
  if (noMarts !== undefined) return { state: 'not needed', detail: noMarts }
  const [marts, error] = [published?.marts, failureOf(runs, 'transform')]
  const built = marts ? `marts to ${formatSecond(marts.live)}${behind ? ', newer data available' : ''}` : ''
  const detail = error?.message ?? built
  if (builder) return { state: 'running', detail }
  if (error || resultOf<TransformResult>(runs.transform)?.failed.length) return { state: 'failed', detail }
  if (!marts) return { state: 'none', detail }
  return { state: behind ? 'stale' : 'done', detail }
}

function verify({ verifiedAll, runs }: Facts): State {
  const [result, error] = [resultOf<VerifyResult>(runs.verify), failureOf(runs, 'verify')]
  if (!result) return { state: error ? 'failed' : 'none', detail: error?.message ?? '' }
  const rows = sumOfFacts(result.rows)
  const passed = result.checks.filter(({ ok }) => ok).length
  const detail = `${passed} of ${result.checks.length} checks passed`
  if (!result.ok && isRepairedSince(runs, 'verify'))
    return { state: 'stale', rows, detail: `${detail}, before the repair` }
  if (!result.ok) return { state: 'failed', rows, detail }
  return { state: verifiedAll ? 'done' : 'stale', rows, detail }
}
