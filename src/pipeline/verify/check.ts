import type { Config } from '../../config/schema.ts'
import type { Ports, Reader } from '../../ports/index.ts'
import type { DimensionName } from '../../tables/index.ts'
import type { TruthCut } from '../../truth/account.ts'
import type { PlainRow } from '../../truth/rows.ts'
import type { Truth } from '../../truth/total.ts'
import type { World } from '../../world/world.ts'
import type { VerifyDifference } from '../results.ts'

/** What a check is given. */
export interface VerifyContext {
  ports: Ports
  config: Config
  world: World
  reader: Reader
  truth: Truth
  /** rows of product and store */
  dimensions: Record<DimensionName, PlainRow[]>
  cut: TruthCut
  quick: boolean
}

/** What a check found. */
export interface Finding {
  compared: number
  differences: VerifyDifference[]
}
