import { RetailError } from '../src/errors.ts'
import type { Day } from '../src/time.ts'
import type { Context } from './context.ts'
import type { OverrideFlags } from './given.ts'

interface RemoteFlags {
  from?: Day | undefined
  to?: Day | undefined
  tasks?: number | undefined
  dryRun?: boolean | undefined
}

/** `backfill --remote`: the work is done elsewhere, here it is begun and followed. */
export async function runRemote(context: Context, flags: RemoteFlags, overrides: OverrideFlags): Promise<void> {
  const { renderRemote } = await import('./render/remote.ts')
  const { config } = await context.load(overrides)
  if (config.target !== 'gcp')
    throw new RetailError('bad_flag', '--remote needs target gcp', {
      why: 'target local is on this machine',
      hint: 'retail init --target gcp; or share the work yourself: retail backfill --shard 1/8',
    })
  await using ports = await context.open(config)
  const job = await context.verbs.openRemoteJob(config)
  const bar = context.ui.bar('tasks')
  const result = await context.verbs.backfillRemote(ports, job, config, {
    ...flags,
    signal: context.signal,
    onStep: context.ui.step,
    onProgress(progress) {
      const { tasks, succeeded, failed, retried } = progress
      bar.update(succeeded, tasks, `${failed} failed, ${retried} tried again`)
      context.progress(progress)
    },
  })
  bar.end()
  context.report(result, renderRemote, result.complete || result.dryRun ? 0 : 5)
}

export const tasksAlone = (tasks: number): RetailError =>
  new RetailError('bad_flag', `--tasks ${tasks} belongs to --remote`, {
    why: 'on this machine threads share the work, and shards are named one by one',
    hint: `retail backfill --remote --tasks ${tasks}, or: retail backfill --shard 1/${tasks}`,
  })
