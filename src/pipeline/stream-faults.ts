import { advise, retail } from '../advice.ts'
import { type FaultKind, type FaultProfile, VERSIONED } from '../config/fault-kinds.ts'
import { digestOf, refuseKinds } from '../config/faults.ts'
import type { Config } from '../config/schema.ts'
import { RetailError } from '../errors.ts'
import { Fates } from '../faults/index.ts'
import type { Ports } from '../ports/index.ts'
import { formatDay, formatSecond, SECONDS_PER_DAY } from '../time.ts'
import { buildWorld } from '../world/world.ts'
import { enter } from './enter.ts'
import { openFaultyPublisher } from './live/faulty-publisher.ts'
import { coverWorld } from './live/layout.ts'
import type { StreamToResult } from './live/result.ts'
import { recorded } from './record.ts'
import { type StreamToOptions, streamTo } from './stream-to.ts'

/** Raw has no order of arrival, which says which copy is right, and its columns are fixed. */
const CANNOT: readonly FaultKind[] = ['changed', 'drift', ...VERSIONED]

/** Streams through the broker of a target as a faulty network would. Its raw then holds what such a network delivers. */
export async function streamFaults(
  ports: Ports,
  config: Config,
  options: StreamToOptions & { faults: { profile: FaultProfile } },
): Promise<StreamToResult> {
  const { live, workspace } = ports
  const { profile } = options.faults
  if (live.by === 'lake') throw new Error('a lake takes no faults')
  refuseKinds(`target ${ports.target.name}`, profile, CANNOT, (kinds) =>
    kinds.includes('changed')
      ? 'its raw tables keep no order of arrival, so nothing says which copy came first'
      : 'the columns of its raw tables are fixed',
  )
  const world = buildWorld(config)
  await using _lock = await workspace.lock('lake', 'stream')
  await enter('stream', ports, config, world)
  const { history } = coverWorld(await ports.lake.layout(), world)
  if (formatDay(history / SECONDS_PER_DAY - 1) !== config.history.to)
    throw new RetailError('partial', 'history ends elsewhere than retail.yaml says', {
      why: `the lake has it to ${formatSecond(history)}, history.to is ${config.history.to}`,
      hint: advise`complete it first: ${retail('backfill')}`,
    })
  const of = { broker: live.broker, world, fates: new Fates(profile, world.seed), profile: digestOf(profile), history }
  const durationMs = Math.min(options.durationMs ?? Number.POSITIVE_INFINITY, live.stopAfterMs)
  return await recorded(workspace, 'stream', () =>
    streamTo(() => openFaultyPublisher(of), config, { ...options, durationMs }, workspace),
  )
}
