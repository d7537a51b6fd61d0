import type { Lake, Shard } from '../../ports/index.ts'
import { sealed, unsealed } from '../../ports/sealed.ts'
import type { TruthCut } from '../../truth/block-truth.ts'
import type { Truth } from '../../truth/total.ts'
import { isDamage, readOrWhy } from '../read-whole.ts'
import type { Measures } from './measures.ts'

/** What a shard found, as it lies in the lake. A merge adds the results of all shards. */
export interface ShardFile {
  shard: Shard
  /** The release of retail. */
  version: string
  world: string
  quick: boolean
  /** What it verified: the files of the lake, and how far. */
  cover: string
  cut: TruthCut
  /** Its files that are damaged. */
  damaged: string[]
  /** The expected data of its stores; undefined: it has none. */
  truth?: Truth | undefined
  /** Undefined: the merge asks the warehouse, because that bills queries, or because a query failed. */
  measures?: Measures | undefined
}

const FOLDER = 'verify'
/** How many shards there are, according to the last one that wrote its result. */
const COUNT = `${FOLDER}/shards.json`
export const shardKey = ({ index, count }: Shard): string => `${FOLDER}/${index + 1}-of-${count}.json`

export async function writeShard(lake: Lake, file: ShardFile): Promise<string> {
  const key = shardKey(file.shard)
  await put(lake, key, file)
  await put(lake, COUNT, { count: file.shard.count })
  return key
}

/** The number of shards; a text says why it is unknown. */
export async function shardCount(lake: Lake): Promise<number | string> {
  const found = await get<{ count: number }>(lake, COUNT)
  return typeof found === 'string' ? found : found.count
}

/** The result of a shard; a text says why there is none. */
export const readShard = async (lake: Lake, shard: Shard): Promise<ShardFile | string> =>
  await get<ShardFile>(lake, shardKey(shard))

/** After a repair, none of them is true any more. */
export async function forgetShards(lake: Lake): Promise<void> {
  const count = await shardCount(lake)
  if (typeof count === 'string') return
  const shards = Array.from({ length: count }, (_, index) => shardKey({ index, count }))
  await lake.remove([...shards, COUNT])
}

async function put(lake: Lake, key: string, value: object): Promise<void> {
  const text = sealed(plain(value) as object)
  await lake.put(key, (sink) => sink.write([Buffer.from(text)]))
}

async function get<T extends object>(lake: Lake, key: string): Promise<T | string> {
  const bytes = await readOrWhy(lake, key)
  if (isDamage(bytes)) return bytes.kind === 'missing' ? 'missing' : 'damaged'
  const value = unsealed<object>(bytes)
  return value === undefined ? 'damaged' : (lively(value) as T)
}

/** JSON has no bigint, and no map. */
function plain(value: unknown): unknown {
  if (typeof value === 'bigint') return { $bigint: String(value) }
  if (value instanceof Map) return { $map: [...value].map(plain) }
  if (Array.isArray(value)) return value.map(plain)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, plain(each)]))
}

function lively(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(lively)
  if (typeof value !== 'object' || value === null) return value
  if ('$bigint' in value) return BigInt(value.$bigint as string)
  if ('$map' in value) return new Map(lively(value.$map) as [unknown, unknown][])
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, lively(each)]))
}
