import type { FaultProfile } from '../../config/fault-kinds.ts'
import { digestOf } from '../../config/faults.ts'
import type { Config } from '../../config/schema.ts'
import { RetailError } from '../../errors.ts'
import type { FaultTerms } from '../../grade/faults/expected.ts'
import type { EventSource, Ports, Progress } from '../../ports/index.ts'
import { formatSecond, type Second } from '../../time.ts'
import { buildWorld } from '../../world/world.ts'
import { sourceOf } from '../live/destination-sink.ts'

export interface Sending {
  profile: FaultProfile
  /** The end of the period that is graded. */
  until: Second
  /** The destination, for people. */
  name: string
  /** Reads its record. */
  read: (source: EventSource) => Promise<Progress>
}

/** Until when copies were delivered, whose record says it, and what it says of copies that were sent again. */
export type Delivered = Pick<FaultTerms, 'delivered' | 'record' | 'repeats'>

/**
 * Until when a destination has received the copies of events, from its own record; undefined if it has none of this
 * world. Copies may be on their way, unless the stream was drained.
 */
export async function deliveredTo(
  config: Config,
  { profile, until, name, read }: Sending,
): Promise<Delivered | undefined> {
  const { since, position, repeats } = await recorded(() => read(sourceOf(buildWorld(config), digestOf(profile))))
  if (position === undefined) return undefined
  const drained = since === position
  if (until > position)
    throw new RetailError('bad_flag', `--until ${formatSecond(until)} is after the last event that was sent`, {
      why: `${name} has events up to ${formatSecond(position)}`,
      hint: `use --until ${formatSecond(position)} or earlier`,
    })
  return { delivered: drained ? Number.POSITIVE_INFINITY : position, record: name, repeats }
}

/** The same of the target's own broker, which feeds the tables of its warehouse. */
export const deliveredByBroker = async (
  config: Config,
  { live }: Pick<Ports, 'live'>,
  about: Omit<Sending, 'name' | 'read'>,
): Promise<Delivered | undefined> => {
  if (live.by !== 'broker') return undefined
  const { broker } = live
  const read = async ({ world }: EventSource): Promise<Progress> => {
    const { world: id, faults, position } = (await broker.position()) ?? {}
    const isSame = faults && world === `${id}+${faults.profile}`
    return isSame
      ? { since: faults.drained, position, repeats: faults.repeats }
      : { since: undefined, position: undefined }
  }
  return await deliveredTo(config, { ...about, name: broker.product, read })
}

async function recorded(read: () => Promise<Progress>): Promise<Progress> {
  try {
    return await read()
  } catch (error) {
    if (!(error instanceof RetailError) || error.code !== 'foreign_world') throw error
    throw new RetailError('foreign_world', error.message, {
      why: error.why,
      hint: 'name the world and the faults of that stream: its --faults, --without, and flags such as --seed; or give --delivered as an instant',
      cause: error,
    })
  }
}
