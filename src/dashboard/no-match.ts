import { advise, retail } from '../advice.ts'
import { closest } from '../config/closest.ts'
import { RetailError } from '../errors.ts'
import type { Filters } from './filters.ts'
import type { PageHead } from './panel-data.ts'
import { type Names, type UnknownName, unknownName } from './unknown-name.ts'

/** Throws `bad_flag` if the filters of a command line match no row. */
export function refuseNoMatch(filters: Filters, head: Names & Pick<PageHead, 'months' | 'empty'>): void {
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
export function refuseNoPlace(filters: Filters, head: Names & Pick<PageHead, 'empty'>): void {
  const unknown = unknownName(filters, head)
  if (unknown && head.empty) throw noMatch(head.empty.message, unknown)
}

const MOST_NAMED = 12

function noMatch(message: string, { filter, value, known }: UnknownName): RetailError {
  if (filter === 'store')
    return new RetailError('bad_flag', message, {
      why: 'no store has this id',
      hint: advise`find one: ${retail('sql', 'SELECT store_id, location FROM dim_store ORDER BY 1')}`,
    })
  if (filter === 'product')
    return new RetailError('bad_flag', message, {
      why: 'no product has this id',
      hint: advise`find one: ${retail('sql', 'SELECT product_id, product_name FROM dim_product ORDER BY 1')}`,
    })
  // People omit the state: Austin for Austin, TX.
  const near = known.find((name) => name.toLowerCase().startsWith(`${value.toLowerCase()},`)) ?? closest(value, known)
  const some = known.slice(0, MOST_NAMED).join('; ')
  return new RetailError('bad_flag', message, {
    why: near ? `did you mean ${near}?` : `known: ${some}${known.length > MOST_NAMED ? '; …' : ''}`,
    hint: advise`choose a known one: ${[`--${filter}`, near ?? known[0]]}`,
  })
}
