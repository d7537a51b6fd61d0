import { type Advice, advise, retail } from '../../advice.ts'
import { RetailError } from '../../errors.ts'
import { type Lake, type Shard, shardName } from '../../ports/index.ts'
import { formatSecond } from '../../time.ts'
import type { TruthCut } from '../../truth/block-truth.ts'
import { type Truth, totalTruth } from '../../truth/total.ts'
import { VERSION } from '../../version.ts'
import type { World } from '../../world/world.ts'
import { joinMeasures, type Measures } from './measures.ts'
import { readShard, type ShardFile, shardCount } from './shard-file.ts'
import type { Standing } from './standing.ts'

/** What all shards found. */
export interface Merged {
  truth: Truth
  /** Undefined: the checks measure. */
  measures: Measures | undefined
  /** Files that no shard found damaged. */
  whole: (key: string) => boolean
  /** Refuses results of another instant, or about a file that has changed since: `damaged` are the files that are damaged now. */
  mustStillHold(cut: TruthCut, damaged: readonly string[]): void
}

interface Unusable {
  shard: Shard
  why: string
}

/** Reads the results of all shards. Refuses a missing, damaged, or stale one, and names the command that makes it. */
export async function readMerged(
  lake: Lake,
  world: World,
  { cover }: Pick<Standing, 'cover'>,
  { quick }: { quick: boolean },
): Promise<Merged> {
  const count = await shardCount(lake)
  if (typeof count === 'string')
    throw new RetailError('missing', 'there are no results of shards to merge', {
      why: `${lake.location}/verify/shards.json is ${count}; each shard of verify writes it beside its result`,
      hint: advise`verify each shard first, such as ${retail('verify', '--shard', '1/4')}`,
    })
  const files: ShardFile[] = []
  const unusable: Unusable[] = []
  for (let index = 0; index < count; index++) {
    const shard = { index, count }
    const file = await readShard(lake, shard)
    const why = typeof file === 'string' ? `its result is ${file}` : staleness(file, { world: world.id, cover, quick })
    if (why !== undefined) unusable.push({ shard, why })
    else files.push(file as ShardFile)
  }
  refuse(unusable, count, quick)
  const damaged = new Set(files.flatMap((file) => file.damaged))
  const measures = files.map((file) => file.measures).filter((each) => each !== undefined)
  return {
    truth: totalTruth(files.map(({ truth }) => truth).filter((truth) => truth !== undefined)),
    // A query may see less of a damaged file than another one does.
    measures: damaged.size > 0 || measures.length < files.length ? undefined : joinMeasures(measures),
    whole: (key) => !damaged.has(key),
    mustStillHold(cut, found) {
      const of = files.map((file): Unusable | undefined => {
        const repaired = file.damaged.find((key) => !found.includes(key))
        if (repaired !== undefined) return { shard: file.shard, why: `${repaired} was damaged then, and is not now` }
        const same = (['raw', 'marts', 'model'] as const).every((at) => file.cut[at] === cut[at])
        return same
          ? undefined
          : {
              shard: file.shard,
              why: `it verified raw to ${formatSecond(file.cut.raw)}, and now it goes to ${formatSecond(cut.raw)}`,
            }
      })
      refuse(
        of.filter((one) => one !== undefined),
        count,
        quick,
      )
    },
  }
}

/** Why a result says nothing about the lake as it is now. */
function staleness(file: ShardFile, now: { world: string; cover: string; quick: boolean }): string | undefined {
  if (file.world !== now.world) return `its result is of another world (${file.world})`
  if (file.version !== VERSION) return `its result is of another release of retail (${file.version})`
  if (file.quick !== now.quick) return `it was verified ${file.quick ? 'with' : 'without'} --quick`
  if (file.cover === now.cover) return undefined
  return `its result is of an older state of the lake or of the marts, with raw to ${formatSecond(file.cut.raw)}`
}

const SHOWN = 5

function refuse(unusable: readonly Unusable[], count: number, quick: boolean): void {
  if (unusable.length === 0) return
  const lines = unusable.map(({ shard, why }) => `shard ${shardName(shard)}: ${why}`)
  const rest = lines.length - SHOWN
  throw new RetailError('missing', `${lines.length} of ${count} shards cannot be merged`, {
    why: [
      ...lines.slice(0, SHOWN),
      ...(rest > 0
        ? [
            `${rest} more: ${unusable
              .slice(SHOWN)
              .map(({ shard }) => shardName(shard))
              .join(', ')}`,
          ]
        : []),
    ].join('\n'),
    hint: again(shardName(unusable[0].shard), unusable.length, quick),
  })
}

function again(first: string, shards: number, quick: boolean): Advice {
  const command = retail('verify', '--shard', first, ...(quick ? ['--quick'] : []))
  return shards === 1
    ? advise`verify it again: ${command}`
    : advise`verify each of them again, beginning with ${command}`
}
