import { type Shard, shardName } from './workspace.ts'

/** See `EventSource.world`. */
interface SourceParts {
  world: string
  /** The digest of a profile of faults. */
  profile?: string | undefined
  /** `3/8` */
  shard?: string | undefined
}

/** The name of the source of events: a world, perhaps with faults, perhaps of one shard of its stores. */
export const sourceName = (world: string, profile: string | undefined, shard: Shard | undefined): string =>
  `${world}${profile === undefined ? '' : `+${profile}`}${shard ? `#${shardName(shard)}` : ''}`

export function partsOf(source: string): SourceParts {
  const [events, shard] = source.split('#')
  const [world, profile] = events.split('+')
  return { world, profile, shard }
}

/** Whether two sources share a timeline: the same events, and other shards of the same number of them. */
export function shareTimeline(one: string, other: string): boolean {
  const [a, b] = [one, other].map((source) => source.split('#'))
  return a[0] === b[0] && a[1] !== undefined && a[1]?.split('/')[1] === b[1]?.split('/')[1]
}
