import { keyedRng, type Rng, Stream } from '../random/rng.ts'
import type { Day } from '../time.ts'
import * as c from './calibration.ts'

// What happens to one store, or to a region, on a few days of the year. Nothing is stored: the days of a slot are drawn from
// its number, and an incident ends within its slot.

interface Incident {
  chance: number
  least: number
  most: number
  /** At most. */
  days: number
}

/** Regions are numbered after all stores. */
const REGIONS = 0x10000000

/** Demand of a store on a local day relative to a day without incidents. */
export function incidentsOn(seed: number, store: number, region: number, day: Day): number {
  const slot = Math.floor(day / c.INCIDENT_SLOT)
  const at = day - slot * c.INCIDENT_SLOT
  const own = keyedRng(seed, Stream.incident, store, slot)
  const common = keyedRng(seed, Stream.incident, REGIONS + region, slot)
  return effect(own, c.STORE_CLOSURE, at) * effect(own, c.STORE_EVENT, at) * effect(common, c.REGION_STORM, at)
}

/** Draws the same numbers whatever comes of them, so that one kind does not depend on another. */
function effect(rng: Rng, { chance, least, most, days }: Incident, at: number): number {
  const happens = rng.unit() < chance
  const length = 1 + rng.below(days)
  const first = rng.below(c.INCIDENT_SLOT - days + 1)
  const factor = least + (most - least) * rng.unit()
  return happens && at >= first && at < first + length ? factor : 1
}
