import path from 'node:path'
import { expect, test } from 'vitest'
import { matchesNothing, unmatchedIn } from './dbt-selection.ts'

const project = path.join(import.meta.dirname, '../../dbt')

test('dbt says which part of a selection matches nothing', () => {
  const said = "18:40:12  [WARNING]: The selection criterion '+daily_sale' does not match any enabled nodes"
  expect(unmatchedIn(said)).toBe('+daily_sale')
  expect(unmatchedIn('18:40:12  1 of 8 OK created sql table model')).toBeUndefined()
})

test.each([
  ['daily_sale', 'retail transform --select daily_sales'],
  ['+stg_inventory+1', 'retail transform --select +stg_inventories+1'],
  ['@mart', 'retail transform --select @marts'],
  ['tag:nightly', '`retail transform` builds all models'],
])('%s: %s', (criterion, hint) => {
  expect(matchesNothing(criterion, [project])).toMatchObject({ code: 'bad_flag', exitCode: 2, hint })
})
