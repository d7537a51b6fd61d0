import type { Config } from '../../config/schema.ts'
import type { Ports, Reader } from '../../ports/index.ts'
import type { DimensionName, FactName } from '../../tables/index.ts'
import type { TruthCut } from '../../truth/block-truth.ts'
import type { PlainRow } from '../../truth/rows.ts'
import type { Truth } from '../../truth/total.ts'
import type { World } from '../../world/world.ts'
import type { Found } from './sentences.ts'

/** The input of a check. */
export interface VerifyContext {
  ports: Ports
  config: Config
  world: World
  reader: Reader
  /** The relations of raw: the rows of this world, each as often as it arrived. */
  raw: Readonly<Record<FactName, string>>
  truth: Truth
  /** Rows of product and store. */
  dimensions: Record<DimensionName, PlainRow[]>
  cut: TruthCut
  quick: boolean
  workers?: number | undefined
  signal?: AbortSignal | undefined
}

/** The result of a check. */
export interface Finding {
  compared: number
  differences: Found[]
}
