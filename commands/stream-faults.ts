import { advise, retail } from '../src/advice.ts'
import type { FaultKind } from '../src/config/fault-kinds.ts'
import { RetailError } from '../src/errors.ts'
import type { StreamToOptions } from '../src/pipeline/stream-to.ts'
import type { Second } from '../src/time.ts'
import type { Context } from './context.ts'

/** Flags of `stream` that say what happens to events on their way. */
export interface FaultFlags {
  faults?: string | undefined
  without?: FaultKind[] | undefined
  drain?: boolean | undefined
}

/** The profile that the flags name. */
export async function faultsOf(
  { io }: Context,
  { faults, without, drain, until }: FaultFlags & { until?: Second | undefined },
): Promise<StreamToOptions['faults']> {
  if (faults === undefined) {
    refuseFaults({ without, drain }, '--faults', 'rough')
    return undefined
  }
  if (drain && until === undefined)
    throw new RetailError('bad_flag', '--drain needs --until', {
      why: 'it delivers what is still on its way when that instant is reached',
      hint: 'add --until, or omit --drain',
    })
  const { loadProfile } = await import('../src/config/faults.ts')
  return { profile: loadProfile(faults, io.cwd, without), drain }
}

/** A lake expects each event once: faults are for brokers and other destinations. */
export const refuseFaultsAlone = (flags: FaultFlags): void => refuseFaults(flags, '--to', 'ndjson:events')

function refuseFaults(flags: FaultFlags, needs: string, example: string): void {
  for (const [name, value] of Object.entries(flags))
    if (value !== undefined)
      throw new RetailError('bad_flag', `--${name} needs ${needs}`, {
        why: needs === '--to' ? 'the target keeps each event exactly once' : 'it changes what a profile of faults does',
        hint: advise`${retail('stream', ...(needs === '--to' ? ['--to', example, '--faults', 'rough'] : ['--to', 'ndjson:events', needs, example]))}`,
      })
}

/** Records of shards would have to be merged before anything could be graded. */
export const shardedFaults = (): RetailError =>
  new RetailError('bad_flag', '--shard and --faults cannot be combined', {
    why: 'the answer key is of the events of all stores',
    hint: 'omit one of them',
  })
