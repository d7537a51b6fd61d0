import { advise, retail } from '../../advice.ts'
import { RetailError } from '../../errors.ts'
import { type Shard, shardName, type TargetTraits } from '../../ports/index.ts'

/**
 * A batch of a lake has the events of all stores up to an instant, in one folder that appears in one step: so every
 * reader sees all stores at the same instant. Batches of shards could not, and would be as many times more files.
 */
export function refuseShards({ name, events }: Pick<TargetTraits, 'name' | 'events'>, shard: Shard | undefined): void {
  if (shard === undefined || events.by !== 'lake') return
  throw new RetailError('bad_flag', `target ${name} takes no shard of a stream`, {
    why: 'a batch of its lake has the events of all stores, so one process writes all of them',
    hint: advise`run ${retail('stream')} once, outside of a job of several tasks, or stream to another place: ${retail('stream', '--to', 'kafka://localhost:9092', '--shard', shardName(shard))}`,
  })
}
