import { advise, retail } from '../advice.ts'
import { closest } from '../config/closest.ts'
import { RetailError } from '../errors.ts'
import type { Filters } from './filters.ts'
import type { PageHead } from './panel-data.ts'

/** Throws `bad_flag` if the filters of a command line match no row. */
export function refuseNoMatch(
  filters: Filters,
  head: Pick<PageHead, 'locations' | 'categories' | 'storeLocation' | 'months' | 'empty'>,
): void {
  refuseNoPlace(filters, head)
  const { months, empty } = head
  if (empty === undefined) return
  throw new RetailError('bad_flag', empty.message, {
    why: `the marts cover ${months.at(0)} to ${months.at(-1)}`,
    hint: empty.hint,
  })
}

/**
 * The same for places only, with the likely intended one: a month without sales may still get some, but a place without
 * stores does not.
 */
export function refuseNoPlace(
  { location, state, store, category }: Filters,
  {
    locations,
    categories,
    storeLocation,
    empty,
  }: Pick<PageHead, 'locations' | 'categories' | 'storeLocation' | 'empty'>,
): void {
  if (empty === undefined) return
  if (category !== undefined && !categories.includes(category))
    throw noMatch(empty.message, '--category', category, categories)
  if (store !== undefined && storeLocation === undefined)
    throw new RetailError('bad_flag', empty.message, {
      why: 'no store has this id',
      hint: advise`find one: ${retail('sql', 'SELECT store_id, location FROM dim_store ORDER BY 1')}`,
    })
  const states = [...new Set(locations.map((name) => name.slice(-2)))].sort()
  if (location !== undefined && !locations.includes(location))
    throw noMatch(empty.message, '--location', location, locations)
  if (state !== undefined && !states.includes(state)) throw noMatch(empty.message, '--state', state, states)
}

const MOST_NAMED = 12

function noMatch(message: string, flag: string, value: string, known: readonly string[]): RetailError {
  // People omit the state: Austin for Austin, TX.
  const near = known.find((name) => name.toLowerCase().startsWith(`${value.toLowerCase()},`)) ?? closest(value, known)
  const some = known.slice(0, MOST_NAMED).join('; ')
  return new RetailError('bad_flag', message, {
    why: near ? `did you mean ${near}?` : `known: ${some}${known.length > MOST_NAMED ? '; …' : ''}`,
    hint: advise`choose a known one: ${[flag, near ?? known[0]]}`,
  })
}
