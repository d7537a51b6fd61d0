import type { Second } from '../../time.ts'
import type { World } from '../../world/world.ts'
import type { Axis } from './axes.ts'
import type { ComparedGroups, FoundGroups } from './compare.ts'
import type { MeasureName, Totals } from './truth.ts'

/** What is known of an aggregate and of the truth. */
export interface Evidence {
  world: World
  truth: Totals
  found: FoundGroups
  compared: ComparedGroups
  axes: readonly Axis[]
  measures: readonly MeasureName[]
  from: Second
  until: Second
}
