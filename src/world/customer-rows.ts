import { FIRST_NAMES, LAST_NAMES } from '../random/faker.ts'
import { keyedRng, Stream } from '../random/rng.ts'
import type { customer, RowOf } from '../tables/index.ts'
import { SECONDS_PER_HOUR } from '../time.ts'
import { CITIES } from './cities.ts'
import { LOCAL_SHARE, SEGMENTS } from './customer-model.ts'
import type { World } from './world.ts'

/** Reserved by RFC 2606: no mail reaches anybody. */
const DOMAINS = ['example.com', 'example.net', 'example.org'] as const

/** Rows of `customer`. */
export function customerRows(world: World): RowOf<typeof customer>[] {
  const { stores, customers, ids, seed } = world
  const rows: RowOf<typeof customer>[] = []
  for (let home = 0; home < stores.count; home++) {
    const { first: before, hour, ahead, segment } = customers.of(home)
    const homeCity = CITIES[stores.city[home]]
    const nearby = CITIES.filter(({ state }) => state === homeCity.state)
    for (let i = 0; i < hour.length; i++) {
      const number = before + i + 1
      const rng = keyedRng(seed, Stream.name, number, 2)
      const city = rng.unit() < LOCAL_SHARE ? homeCity : nearby[rng.below(nearby.length)]
      const first = FIRST_NAMES[rng.below(FIRST_NAMES.length)]
      const last = LAST_NAMES[rng.below(LAST_NAMES.length)]
      rows.push({
        customer_id: `C${String(number).padStart(ids.customer, '0')}`,
        name: `${first} ${last}`,
        email: `${letters(first)}.${letters(last)}.${number}@${DOMAINS[rng.below(DOMAINS.length)]}`,
        city: `${city.name}, ${city.state}`,
        segment: SEGMENTS[segment[i]],
        joined: hour[i] * SECONDS_PER_HOUR - ahead[i],
        home_store_id: `S${String(home + 1).padStart(ids.store, '0')}`,
      })
    }
  }
  return rows
}

const letters = (name: string): string => name.toLowerCase().replace(/[^a-z]/g, '')
