import type { Config } from '../../config/schema.ts'
import type { Ports, Reader } from '../../ports/index.ts'
import type { DimensionName, FactName } from '../../tables/index.ts'
import type { TruthCut } from '../../truth/block-truth.ts'
import type { PlainRow } from '../../truth/rows.ts'
import type { Truth } from '../../truth/total.ts'
import type { World } from '../../world/world.ts'
import type { Measures } from './measures.ts'
import type { Found } from './sentences.ts'
import type { Share } from './share.ts'

/** What is needed to measure raw, or one shard's rows of it. */
export interface MeasureContext {
  ports: Ports
  world: World
  reader: Reader
  /** The relations of raw: the rows of this world, each as often as it arrived. */
  raw: Readonly<Record<FactName, string>>
  cut: TruthCut
  quick: boolean
  /** The share of a shard; undefined: everything. */
  share?: Share
}

/** The input of a check. */
export interface VerifyContext extends MeasureContext {
  config: Config
  truth: Truth
  /** What shards have measured; undefined: the checks measure. */
  measured?: Measures | undefined
  /** Rows of product and store. */
  dimensions: (name: DimensionName) => PlainRow[]
  workers?: number | undefined
  signal?: AbortSignal | undefined
}

/** The result of a check. */
export interface Finding {
  compared: number
  differences: Found[]
}
