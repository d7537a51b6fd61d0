import { advise, retail } from '../src/advice.ts'
import { RetailError } from '../src/errors.ts'
import type { Ran } from '../src/pipeline/next.ts'
import type { Day } from '../src/time.ts'
import type { Context } from './context.ts'
import type { OverrideFlags } from './flag-types.ts'

interface RemoteFlags {
  from?: Day | undefined
  to?: Day | undefined
  tasks?: number | undefined
  dryRun?: boolean | undefined
}

/** `backfill --remote`: starts a Cloud Run job and follows it. */
export async function runRemote(context: Context, flags: RemoteFlags, overrides: OverrideFlags): Promise<void> {
  const { renderRemote } = await import('./render/remote.ts')
  const { config } = await context.load(overrides)
  const { name, job: elsewhere } = await context.verbs.targetOf(config)
  if (!elsewhere.can)
    throw new RetailError('bad_flag', `--remote does not work with target ${name}`, {
      why: elsewhere.why,
      hint: elsewhere.hint,
    })
  await using ports = await context.open(config)
  const job = await elsewhere.open(config)
  const bar = context.ui.bar('tasks')
  const result = await context.verbs.backfillRemote(ports, job, config, {
    ...flags,
    signal: context.signal,
    onStep: context.ui.step,
    onProgress(progress) {
      const { tasks, succeeded, failed, retried } = progress
      bar.update(succeeded, tasks, `${failed} failed, ${retried} retried`)
      context.progress(progress)
    },
  })
  bar.end()
  const { again } = context
  const ran: Ran = result.dryRun ? { command: 'dry run', again } : { command: 'remote backfill', again, result }
  const next = await context.next(ran, ports, config)
  context.report(result, renderRemote, result.complete || result.dryRun ? 0 : 5, next)
}

export const tasksAlone = (tasks: number): RetailError =>
  new RetailError('bad_flag', `--tasks ${tasks} needs --remote`, {
    why: 'on this machine, threads share the work, and each run takes one shard',
    hint: advise`${retail('backfill', '--remote', '--tasks', `${tasks}`)}, or: ${retail('backfill', '--shard', `1/${tasks}`)}`,
  })
