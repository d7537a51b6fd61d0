import { setTimeout as sleep } from 'node:timers/promises'
import { advise, retail } from '../advice.ts'
import type { Config } from '../config/schema.ts'
import { type SettingPath, variableOf } from '../config/settings.ts'
import { RetailError } from '../errors.ts'
import type { Execution, JobDescription, Ports, RemoteJob } from '../ports/index.ts'
import { formatDay, formatSecond, SECONDS_PER_DAY } from '../time.ts'
import { buildWorld } from '../world/world.ts'
import { checkWorld } from './identity.ts'
import { EXTRA_VARIABLES, settingsOf } from './infra/folder.ts'
import { type PeriodOptions, periodOf } from './period.ts'
import { recorded } from './record.ts'

/** The state of a backfill that a cloud job runs or ran. */
export interface RemoteBackfillResult {
  remote: true
  world: string
  from: string
  to: string
  dryRun: boolean
  /** Its full name, and the image that it runs. */
  job: string
  image: string
  /** Undefined: no execution was started (dry run). */
  execution: string | undefined
  /** The execution was already running. */
  joined: boolean
  tasks: { count: number; succeeded: number; failed: number; retried: number }
  ended: boolean
  /** Why it failed. */
  why: string | undefined
  log: string | undefined
  /** The end of loaded history, by all executions so far. */
  history: string | undefined
  /** History is loaded to `to`. */
  complete: boolean
  seconds: number
}

/** Progress of a running job. */
export interface RemoteProgress {
  execution: string
  tasks: number
  succeeded: number
  failed: number
  retried: number
}

export interface RemoteBackfillOptions extends PeriodOptions {
  /** Overrides the job's number of tasks. */
  tasks?: number | undefined
  dryRun?: boolean | undefined
  /** On abort, retail stops following; the job continues. */
  signal?: AbortSignal
  onStep?: (text: string) => void
  onProgress?: (progress: RemoteProgress) => void
}

/** The settings that define a world and its destination: a job with other values would write something else. */
const BINDING: readonly SettingPath[] = [
  ...(['target', 'seed', 'world.stores', 'world.products', 'world.lines_per_store_day', 'world.schema'] as const),
  ...(['history.from', 'gcp.project', 'gcp.bucket', 'gcp.dataset'] as const),
]
const LOOK_MS = { first: 500, most: 10_000 }

/**
 * Starts a cloud job that generates history, one shard per task, and follows it to its end. If an execution is already
 * running, follows that one instead of starting another.
 */
export async function backfillRemote(
  ports: Pick<Ports, 'lake' | 'warehouse' | 'workspace'>,
  job: RemoteJob,
  config: Config,
  { tasks, dryRun = false, signal, onStep, onProgress, ...days }: RemoteBackfillOptions,
): Promise<RemoteBackfillResult> {
  const world = buildWorld(config)
  const period = periodOf(world, config, days)
  const found = await job.describe(signal)
  if (!found) throw noJob(job.name)
  refuseOther(found, config, job.name)
  await checkWorld(ports, world, config)
  const started = performance.now()
  const args = ['backfill', '--from', formatDay(period.from), '--to', formatDay(period.to), '--json']
  const base = {
    remote: true as const,
    world: world.id,
    from: formatDay(period.from),
    to: formatDay(period.to),
    dryRun,
    job: job.name,
    image: found.image,
  }
  const result = (
    execution: string | undefined,
    joined: boolean,
    state: Execution,
    history = 0,
  ): RemoteBackfillResult => ({
    ...base,
    execution,
    joined,
    tasks: { count: state.tasks, succeeded: state.succeeded, failed: state.failed, retried: state.retried },
    ended: state.ended,
    why: state.why,
    log: state.log,
    seconds: (performance.now() - started) / 1000,
    history: history > 0 ? formatSecond(history) : undefined,
    complete: history >= (period.to + 1) * SECONDS_PER_DAY,
  })
  const running = found.latest && !found.latest.ended ? found.latest.name : undefined
  if (dryRun) return result(running, running !== undefined, { ...NOTHING, tasks: tasks ?? found.tasks })
  return await recorded(ports.workspace, 'backfill-remote', async () => {
    onStep?.(running ? `following ${running}, which is already running` : `starting ${job.name}`)
    const execution = running ?? (await job.start({ args, tasks }))
    const state = await follow(job, execution, signal, onProgress)
    const published = state.ended ? await ports.warehouse.published() : undefined
    return result(execution, running !== undefined, state, published?.raw.history)
  })
}

const NOTHING: Execution = {
  tasks: 0,
  succeeded: 0,
  failed: 0,
  retried: 0,
  ended: false,
  why: undefined,
  log: undefined,
}

async function follow(
  job: RemoteJob,
  execution: string,
  signal: AbortSignal | undefined,
  onProgress: RemoteBackfillOptions['onProgress'],
): Promise<Execution> {
  let state = NOTHING
  for (let wait = LOOK_MS.first; !signal?.aborted; wait = Math.min(LOOK_MS.most, wait * 1.5)) {
    state = await job.read(execution)
    const { tasks, succeeded, failed, retried } = state
    onProgress?.({ execution, tasks, succeeded, failed, retried })
    if (state.ended) break
    // Only an abort ends it early, and the loop looks for that.
    await sleep(wait, undefined, { signal }).catch(() => {})
  }
  return state
}

/** The job has the retail.yaml of the last apply. */
function refuseOther({ env }: JobDescription, config: Config, name: string): void {
  const ours = settingsOf(config)
  const differ = BINDING.map(variableOf).filter((variable) => env[variable] !== ours[variable])
  if (differ.length === 0) return
  throw new RetailError('foreign_world', `the job ${name} would generate another world`, {
    why: differ.map((each) => `${each} is ${env[each] ?? 'not set'} there and ${ours[each]} here`).join('; '),
    hint: advise`${retail('infra', 'apply')} updates it to the retail.yaml of this workspace`,
  })
}

const noJob = (name: string) =>
  new RetailError('missing', `the job ${name} does not exist`, {
    why: 'the job is optional, and off until it has an image',
    hint: advise`add job = {} to ${EXTRA_VARIABLES}, then run ${retail('infra', 'apply')}, ${retail('infra', 'image')}, and again: ${retail('infra', 'apply')}`,
  })
