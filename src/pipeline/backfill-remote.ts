import { setTimeout as sleep } from 'node:timers/promises'
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
import type { RemoteBackfillResult, RemoteProgress } from './results.ts'

export interface RemoteBackfillOptions extends PeriodOptions {
  /** instead of those of the job */
  tasks?: number | undefined
  dryRun?: boolean | undefined
  /** on abort it is followed no longer; it goes on */
  signal?: AbortSignal
  onStep?: (text: string) => void
  onProgress?: (progress: RemoteProgress) => void
}

/** What makes a world, and where it goes: a job that says otherwise makes something else. */
const BINDING: readonly SettingPath[] = [
  ...(['target', 'seed', 'world.stores', 'world.products', 'world.lines_per_store_day', 'world.schema'] as const),
  ...(['history.from', 'gcp.project', 'gcp.bucket', 'gcp.dataset'] as const),
]
const LOOK_MS = { first: 500, most: 10_000 }

/** Has a job in the cloud make history, a shard a task, and follows it to its end. One that runs already is followed, not joined by another. */
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
    onStep?.(running ? `following ${running}, which runs already` : `starting ${job.name}`)
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
    state = await job.look(execution)
    const { tasks, succeeded, failed, retried } = state
    onProgress?.({ execution, tasks, succeeded, failed, retried })
    if (state.ended) break
    await sleep(wait, undefined, { signal }).catch(() => {})
  }
  return state
}

/** The job has retail.yaml as it was at the last apply. */
function refuseOther({ env }: JobDescription, config: Config, name: string): void {
  const ours = settingsOf(config)
  const differ = BINDING.map(variableOf).filter((variable) => env[variable] !== ours[variable])
  if (differ.length === 0) return
  throw new RetailError('foreign_world', `the job ${name} would make another world`, {
    why: differ.map((each) => `${each} is ${env[each] ?? 'not set'} there and ${ours[each]} here`).join('; '),
    hint: 'retail infra apply gives it the retail.yaml of this workspace',
  })
}

const noJob = (name: string) =>
  new RetailError('missing', `there is no job ${name}`, {
    why: 'it is an option that is off until it has an image',
    hint: `build and push the image (retail init --with docker), write job = { image = "…" } into ${EXTRA_VARIABLES}, then: retail infra apply`,
  })
