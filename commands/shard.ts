import { RetailError } from '../src/errors.ts'
import { type Shard, shardName } from '../src/ports/index.ts'

/**
 * Variables that hold a task's index, from 0, and the number of tasks. Kubernetes does not set the count; the manifest
 * must.
 */
const systems = [
  { name: 'Cloud Run', index: 'CLOUD_RUN_TASK_INDEX', count: 'CLOUD_RUN_TASK_COUNT' },
  { name: 'Kubernetes', index: 'JOB_COMPLETION_INDEX', count: 'JOB_COMPLETIONS' },
  { name: 'AWS Batch', index: 'AWS_BATCH_JOB_ARRAY_INDEX', count: 'AWS_BATCH_JOB_ARRAY_SIZE' },
] as const

/** The shard of this process: from the flag, or from the task's index in a job. Undefined: no sharding. */
export function shardOf(flag: Shard | undefined, env: Readonly<Record<string, string | undefined>>): Shard | undefined {
  const found = systems.filter(({ index }) => env[index])
  if (found.length > 1)
    throw refused(`two job systems set the task number: ${found.map(({ index }) => index).join(' and ')}`, {
      why: 'only one of them can decide which shard this task takes',
      hint: 'unset one of the variables, or use --shard',
    })
  const [system] = found
  if (!system) return flag
  const shard = shardFrom(system, env)
  if (flag && shard.count > 1)
    throw refused(`--shard ${shardName(flag)} in a ${system.name} job of ${shard.count} tasks`, {
      why: 'every task would generate the same shard',
      hint: 'omit --shard: each task picks its shard by its task number',
    })
  return flag ?? (shard.count > 1 ? shard : undefined)
}

function shardFrom(system: (typeof systems)[number], env: Readonly<Record<string, string | undefined>>): Shard {
  const [index, count] = [numberIn(env, system.index), numberIn(env, system.count)]
  if (count === undefined)
    throw refused(`${system.index} is set, but ${system.count} is not`, {
      why: 'a shard needs the total number of tasks',
      hint:
        system.name === 'Kubernetes'
          ? 'set JOB_COMPLETIONS in the container to the completions value of the Job'
          : `set ${system.count} to the number of tasks`,
    })
  if (index === undefined || index < 0 || count > 9_999 || index >= count)
    throw refused(`no such shard: ${system.index}=${env[system.index]}, ${system.count}=${env[system.count]}`, {
      why: 'task numbers start at 0 and must be below the number of tasks, which is at most 9,999',
      hint: `set both the way ${system.name} does`,
    })
  return { index, count }
}

/** −1 if the text is not a number. */
function numberIn(env: Readonly<Record<string, string | undefined>>, name: string): number | undefined {
  const text = env[name]
  return text ? (/^\d{1,9}$/.test(text) ? Number(text) : -1) : undefined
}

const refused = (message: string, about: { why: string; hint: string }): RetailError =>
  new RetailError('bad_flag', message, about)
