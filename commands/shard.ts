import { RetailError } from '../src/errors.ts'
import type { Shard } from '../src/ports/index.ts'

/** Where a task of so many finds its number, from 0, and how many there are. Kubernetes does not tell the count: the manifest does. */
const systems = [
  { name: 'Cloud Run', index: 'CLOUD_RUN_TASK_INDEX', count: 'CLOUD_RUN_TASK_COUNT' },
  { name: 'Kubernetes', index: 'JOB_COMPLETION_INDEX', count: 'JOB_COMPLETIONS' },
  { name: 'AWS Batch', index: 'AWS_BATCH_JOB_ARRAY_INDEX', count: 'AWS_BATCH_JOB_ARRAY_SIZE' },
] as const

/** The share of this process: the flag's, or its number among the tasks of a job; undefined: all of the work. */
export function shardOf(flag: Shard | undefined, env: Readonly<Record<string, string | undefined>>): Shard | undefined {
  const found = systems.filter(({ index }) => env[index])
  if (found.length > 1)
    throw refused(`the environment numbers this task twice: ${found.map(({ index }) => index).join(' and ')}`, {
      why: 'two job systems cannot both say which share is whose',
      hint: 'take one of the variables away, or give --shard',
    })
  const [system] = found
  if (!system) return flag
  const shard = shardFrom(system, env)
  if (flag && shard.count > 1)
    throw refused(`--shard ${flag.index + 1}/${flag.count} in a ${system.name} job of ${shard.count} tasks`, {
      why: 'every task would make the same share',
      hint: 'leave --shard away: each task takes its own number',
    })
  return flag ?? (shard.count > 1 ? shard : undefined)
}

function shardFrom(system: (typeof systems)[number], env: Readonly<Record<string, string | undefined>>): Shard {
  const [index, count] = [numberIn(env, system.index), numberIn(env, system.count)]
  if (count === undefined)
    throw refused(`${system.index} is set, but ${system.count} is not`, {
      why: 'a share needs to know of how many it is one',
      hint:
        system.name === 'Kubernetes'
          ? 'set JOB_COMPLETIONS in the container to the completions of the Job'
          : `set ${system.count} to the number of tasks`,
    })
  if (index === undefined || index < 0 || count > 9_999 || index >= count)
    throw refused(`no such shard: ${system.index}=${env[system.index]}, ${system.count}=${env[system.count]}`, {
      why: 'tasks count from 0 to one less than their number, of at most 9,999',
      hint: `set both as ${system.name} does`,
    })
  return { index, count }
}

/** -1 when it is no number. */
function numberIn(env: Readonly<Record<string, string | undefined>>, name: string): number | undefined {
  const text = env[name]
  return text ? (/^\d{1,9}$/.test(text) ? Number(text) : -1) : undefined
}

const refused = (message: string, about: { why: string; hint: string }): RetailError =>
  new RetailError('bad_flag', message, about)
