import { expect, test } from 'vitest'
import { parseDay, SECONDS_PER_DAY } from '../../time.ts'
import { parseFilters } from '../filters.ts'
import { kpi } from './kpi.ts'

const day = (text: string) => parseDay(text) ?? 0
const extent = { first: day('2022-01-01'), dataTo: day('2024-04-01') * SECONDS_PER_DAY }
const asked = (search: string) => ({ filters: parseFilters(new URLSearchParams(search)), extent })

test.each([
  ['previous', '2024-01-01', '2024-02-01', 'January 2024'],
  ['year', '2023-02-01', '2023-03-01', 'February 2023'],
])('compared with the %s one, it asks for the days that it then names', (compare, from, to, name) => {
  const question = asked(`year=2024&month=2&compare=${compare}`)
  expect(kpi.ask(question).parameters).toMatchObject({
    now_from: '2024-02-01',
    now_to: '2024-03-01',
    before_from: from,
    before_to: to,
  })
  expect(kpi.read([], question).compared).toMatchObject({ nowText: 'February 2024', beforeText: name })
})
