import { expect, test } from 'vitest'
import { adviceText, shellLine } from '../advice.ts'
import { RetailError } from '../errors.ts'
import { parseDay, SECONDS_PER_DAY } from '../time.ts'
import { parseFilters } from './filters.ts'
import { headOf } from './head.ts'
import { refuseNoPlace } from './no-match.ts'

const extent = { first: parseDay('2024-01-01') ?? 0, dataTo: (parseDay('2024-04-01') ?? 0) * SECONDS_PER_DAY }
const choices = { extent, months: ['2024-01'], locations: ['Austin, TX'], categories: ['Books', 'Garden'], own: [] }

test.each([
  ['store=S9&category=Bocks', 'There is no store S9.', 'SELECT store_id'],
  ['location=Austin&category=Bocks', 'There is no category Bocks.', '--category Books'],
  ['location=Austin', 'No store is in Austin.', "--location 'Austin, TX'"],
  ['product=P9&location=Austin', 'There is no product P9.', 'SELECT product_id'],
  ['state=ZZ', 'No store is in ZZ.', '--state TX'],
])('the advice about %s is about the name that the message says', (search, message, advice) => {
  const filters = parseFilters(new URLSearchParams(search))
  const head = headOf(filters, choices, { storeLocation: undefined, productName: undefined }, 'local', '1', shellLine)
  let refused: unknown
  try {
    refuseNoPlace(filters, head)
  } catch (error) {
    refused = error
  }
  expect(refused).toBeInstanceOf(RetailError)
  const { message: said, advice: given } = refused as RetailError
  expect(said).toBe(message)
  expect(given && adviceText(given, shellLine)).toContain(advice)
})
