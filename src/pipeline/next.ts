import { type CommandLine, retail, withFlag } from '../advice.ts'
import { type ShardAt, shardName, type WarehouseTraits } from '../ports/index.ts'
import { facts as factTables, sumOfFacts } from '../tables/index.ts'
import { formatSecond } from '../time.ts'
import type { RemoteBackfillResult } from './backfill-remote.ts'
import { nextOfLetters, nextOfReplay, type RanLetters, type RanReplay } from './dead-letters/next-letters.ts'
import type { Shortage } from './delivery/ledger.ts'
import { type Facts, resultOf } from './facts.ts'
import { fixCommands, LETTERS, REPLAY, resending } from './fix-commands.ts'
import type { BackfillResult } from './history/result.ts'
import type { InfraPlanResult } from './infra/result.ts'
import { endsOf } from './live/begin-publishing.ts'
import type { LoadResult } from './load.ts'
import { nextOfPlan, type RanPlan } from './plan/next-plan.ts'
import type { RepairResult } from './repair.ts'
import type { RunStepResult } from './transform/run-step.ts'
import type { VerifyResult, VerifyShardResult } from './verify/result.ts'

/** A command that advances the workspace, and its purpose. */
export interface Next {
  command: CommandLine
  what?: string
}

/** The command that just ended. `again` is its own command line. */
export type Ran =
  | { command: 'init'; needsInfra: boolean }
  | { command: 'infra'; action: 'not needed' | 'destroyed' }
  /** There is a place for an image, and no image yet. */
  | { command: 'infra'; action: 'applied'; noImage: boolean }
  | { command: 'infra'; action: 'planned'; plan: Pick<InfraPlanResult, 'changed'> }
  | { command: 'infra'; action: 'destroy planned'; project: string }
  | { command: 'infra'; action: 'image built'; inUse: boolean }
  | RanPlan
  | { command: 'dry run'; again: CommandLine }
  | {
      command: 'backfill'
      again: CommandLine
      result: Pick<BackfillResult, 'complete' | 'allShards' | 'shard' | 'export'>
      /** The database, as it was named. */
      to?: string
    }
  | {
      command: 'remote backfill'
      again: CommandLine
      result: Pick<RemoteBackfillResult, 'ended' | 'complete' | 'execution'>
    }
  | { command: 'stream'; to: string; shard?: string | undefined }
  | ({ command: 'load'; shortage?: Shortage | undefined } & Pick<LoadResult, 'stoppedBy' | 'deadLetters'>)
  | RanLetters
  | RanReplay
  | { command: 'transform'; again: CommandLine; failed: boolean }
  | { command: 'transform run'; run: string; models: RunStepResult['models'] }
  | {
      command: 'verify'
      result: Pick<VerifyResult, 'ok' | 'differences' | 'dataset' | 'unpublished' | 'delivery' | 'openLetters'>
      warehouse: WarehouseTraits
    }
  | { command: 'verify shard'; again: CommandLine; result: Pick<VerifyShardResult, 'shard'> }
  | { command: 'realism'; whole: boolean }
  | { command: 'dashboard export' }
  | { command: 'pack'; file: string }
  | { command: 'repair'; again: CommandLine; result: Pick<RepairResult, 'dryRun' | 'repaired' | 'needsTransform'> }
  | { command: 'demo'; workspace: string }
  | { command: 'seed-dims' }
  /** `lost`: a subscription does not exist. */
  | { command: 'status'; openLetters?: number | undefined; lost?: boolean }

const streamOf = (shard: string | undefined) => retail('stream', ...(shard === undefined ? [] : ['--shard', shard]))
const LIVE: Next = { command: streamOf(undefined), what: 'generate live events' }

/** The stream, or the shard of it that is the furthest behind. */
function live(shards: readonly ShardAt[] | undefined): Next {
  if (!shards) return LIVE
  return {
    command: streamOf(shardName(endsOf(shards).slowest.shard)),
    what: 'generate live events of the slowest shard',
  }
}

/** The first shard that no process has streamed: nobody sees events of the others beyond the place where it begins. */
function missingShard(shards: readonly ShardAt[] = []): Next | undefined {
  const missing = shards.find(({ started }) => !started)
  if (!missing) return undefined
  const name = shardName(missing.shard)
  return {
    command: streamOf(name),
    what: `begin shard ${name}: marts end at ${formatSecond(missing.position)} until then`,
  }
}

/**
 * The commands to run after any command: one answer for results, `status`, and other callers. `facts` are those of the
 * workspace after the command; undefined if there is no workspace or it cannot be read.
 */
export function nextAfter(ran: Ran, facts: Facts | undefined): Next[] {
  switch (ran.command) {
    case 'init':
      if (ran.needsInfra)
        return [
          { command: retail('infra', 'plan'), what: 'see the changes and the cost' },
          { command: retail('infra', 'apply'), what: 'create it' },
        ]
      return facts?.dimensions ? [furthest(facts)] : [SEED, { command: retail('backfill'), what: 'generate history' }]
    case 'infra':
      return nextOfInfra(ran, facts)
    case 'plan':
      return nextOfPlan(ran)
    case 'dry run':
      return [{ command: ran.again, what: 'run it' }]
    case 'backfill':
      return nextOfBackfill(ran, facts)
    case 'remote backfill':
      return nextOfRemote(ran, facts)
    case 'stream':
      return [...andThen(facts, []), { command: streamOf(ran.shard), what: `resume at ${ran.to}` }]
    case 'load':
      return nextOfLoad(ran, facts)
    case 'dead-letters':
      return nextOfLetters(ran)
    case 'replay':
      return nextOfReplay(ran)
    case 'transform':
      if (ran.failed)
        return [
          { command: retail('verify'), what: 'check whether the data or a model is wrong' },
          { command: withFlag(ran.again, '--verbose'), what: 'run it again with all dbt output' },
        ]
      return andThen(facts, [LIVE])
    case 'transform run':
      return nextOfRun(ran)
    case 'verify':
      if (!ran.result.ok) return fixCommands(ran.result, ran.warehouse, facts?.arrival?.by === 'load')
      if (ran.result.unpublished) return [{ command: retail('backfill'), what: 'publishes what is in the lake' }]
      return andThen(facts, ran.result.openLetters ? [LETTERS] : [])
    case 'verify shard':
      return [
        {
          command: withFlag(ran.again, '--shard', `i/${ran.result.shard.split('/')[1]}`),
          what: 'for every other shard i',
        },
        { command: retail('verify', '--merge'), what: 'judge what all shards have measured' },
      ]
    case 'realism':
      return ran.whole
        ? [{ command: retail('verify'), what: 'check every row' }]
        : [{ command: retail('backfill', '--to', '2025-12-31'), what: 'generate two full years to judge every item' }]
    case 'dashboard export':
      return [{ command: retail('dashboard'), what: 'open the same page live' }]
    case 'repair':
      if (ran.result.dryRun && ran.result.repaired.length > 0) return [{ command: ran.again, what: 'repair them' }]
      return ran.result.needsTransform
        ? [{ command: retail('transform'), what: 'rebuild the marts' }]
        : [{ command: retail('verify'), what: 'compare everything with the expected data' }]
    case 'pack':
      return [{ command: ['duckdb', '-readonly', ran.file], what: 'open it anywhere' }]
    case 'demo':
      return [
        { command: retail('dashboard', '--open', '--workspace', ran.workspace), what: 'open it in your browser' },
        { command: retail('status', '--workspace', ran.workspace), what: 'see what exists' },
        { command: retail('stream', '--rate', '50', '--workspace', ran.workspace), what: 'generate live events' },
      ]
    case 'seed-dims':
      return andThen(facts, [])
    case 'status':
      if (ran.lost) return [{ command: retail('infra', 'apply'), what: 'create the subscription again' }, LOAD]
      return andThen(facts, ran.openLetters ? [LETTERS] : [])
  }
}

/** After a subscription was lost. */
const LOAD: Next = { command: retail('load'), what: 'find out what was lost with it, and how to publish it again' }
const SEED: Next = { command: retail('seed-dims'), what: 'write products and stores' }

/** The first missing step, in the order in which data flows; if none is missing, the stream continues. */
export function furthest(facts: Facts): Next {
  const { config, dimensions, history, lost, published, behind, verifiedAll, runs, arrival, repairs, noMarts } = facts
  const { damage, misplaced, moved } = facts
  if (damage.length + misplaced.length > 0) return { command: retail('repair'), what: 'repair it' }
  if (moved) return { command: retail(repairs ? 'repair' : 'backfill'), what: 'point the database to this lake' }
  const isLost = lost.parts || lost.batches
  // It regenerates dimensions, too.
  if (isLost && repairs) return { command: retail('repair'), what: 'regenerate what was lost' }
  if (!dimensions) return SEED
  if (isLost) return { command: retail('backfill'), what: 'regenerate what was lost' }
  if (!history.whole) return { command: retail('backfill'), what: `generate history to ${config.history.to}` }
  const shard = missingShard(published?.shards)
  if (shard) return shard
  const stale = noMarts === undefined && (!published?.marts || behind)
  if (arrival?.by === 'load' && waiting(runs) && (stale || noMarts !== undefined))
    return { command: retail('load'), what: 'load live events into raw' }
  if (stale)
    return {
      command: retail('transform'),
      what: published?.marts ? 'add the new data to the marts' : 'build staging and marts',
    }
  if (!verifiedAll || resultOf<VerifyResult>(runs.verify)?.ok !== true)
    return { command: retail('verify'), what: 'compare with the expected data' }
  return live(published?.shards)
}

/** The missing steps, then optional ones. */
function andThen(facts: Facts | undefined, others: readonly Next[]): Next[] {
  if (!facts) return [{ command: retail('status'), what: 'see what exists' }]
  const first = furthest(facts)
  return [first, ...others.filter(({ command }) => command[1] !== first.command[1])]
}

/** Whether this machine has streamed since its last load; the activity of other machines is unknown here. */
const waiting = ({ stream, load }: Facts['runs']): boolean => (load?.finishedAt ?? '') < (stream?.finishedAt ?? '')

function nextOfInfra(ran: Extract<Ran, { command: 'infra' }>, facts: Facts | undefined): Next[] {
  switch (ran.action) {
    case 'destroy planned':
      return [{ command: retail('infra', 'destroy', '--confirm', ran.project), what: 'destroy it' }]
    case 'destroyed':
      return [{ command: retail('infra', 'apply'), what: 'create it again, empty' }]
    case 'planned':
      if (ran.plan.changed) return [{ command: retail('infra', 'apply'), what: 'make the changes' }]
      return [facts ? furthest(facts) : SEED]
    case 'image built':
      return [
        ran.inUse
          ? facts
            ? furthest(facts)
            : SEED
          : { command: retail('infra', 'apply'), what: 'let the jobs run it' },
      ]
    case 'applied':
      return [
        ...(ran.noImage ? [{ command: retail('infra', 'image'), what: 'build the image of the jobs' }] : []),
        facts ? furthest(facts) : SEED,
        { command: retail('infra', 'output', '--json'), what: 'print these names for scripts' },
      ]
    case 'not needed':
      return [facts ? furthest(facts) : SEED]
  }
}

function nextOfBackfill(
  { again, result, to }: Extract<Ran, { command: 'backfill' }>,
  facts: Facts | undefined,
): Next[] {
  const { complete, allShards, shard, export: out } = result
  if (!complete) return [{ command: again, what: 'generate what is missing' }]
  if (!allShards)
    return [{ command: withFlag(again, '--shard', `i/${shard.split('/')[1]}`), what: 'for every other shard i' }]
  if (to !== undefined) return [{ command: retail('stream', '--to', to), what: 'add live events to the same tables' }]
  if (!out) return andThen(facts, [LIVE])
  const { folder, format, tables } = out
  const fact = tables.find((table) => factTables.some(({ name }) => name === table))
  const files = fact ? `${fact}/*/*.${format}` : `${tables[0]}.${format}`
  const from = `${folder}/${files}`.replaceAll("'", "''")
  return [{ command: ['duckdb', '-c', `FROM '${from}' LIMIT 5`], what: 'read it with any tool' }]
}

function nextOfRemote(
  { again, result }: Extract<Ran, { command: 'remote backfill' }>,
  facts: Facts | undefined,
): Next[] {
  const { ended, complete, execution } = result
  if (!ended) {
    const [, project, , region, , , , name] = execution?.split('/') ?? []
    const cancel = ['gcloud', 'run', 'jobs', 'executions', 'cancel', `${name}`, '--region', `${region}`]
    return [
      { command: again, what: 'follow it again' },
      { command: [...cancel, '--project', `${project}`], what: 'cancel it' },
    ]
  }
  return complete ? andThen(facts, [LIVE]) : [{ command: again, what: 'generate what is missing' }]
}

function nextOfRun({ run, models }: Extract<Ran, { command: 'transform run' }>): Next[] {
  const left = models.find(({ built }) => !built)
  if (left) return [{ command: retail('transform', '--run', run, '--model', left.name), what: 'build the next model' }]
  return [{ command: retail('transform', '--run', run, '--publish'), what: 'make all of them visible' }]
}

/** Unless everything was delivered, the load was stopped early. */
function nextOfLoad(ran: Extract<Ran, { command: 'load' }>, facts: Facts | undefined): Next[] {
  const { shortage, stoppedBy, deadLetters } = ran
  if (stoppedBy === 'dead letters') return [LETTERS, REPLAY]
  if (stoppedBy === 'timeout' && shortage)
    return [
      ...(sumOfFacts(shortage.deadLettered) > 0 ? [LETTERS] : []),
      ...resending(shortage, 'publish them again'),
      { command: retail('load'), what: 'load them' },
    ]
  if (stoppedBy === 'delivered' || stoppedBy === 'idle' || stoppedBy === 'not needed')
    return andThen(facts, deadLetters > 0 ? [LETTERS] : [])
  return [...andThen(facts, []), { command: retail('load'), what: 'load the rest' }]
}
