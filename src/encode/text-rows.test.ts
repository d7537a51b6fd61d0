import { expect, test } from 'vitest'
import { openParquetReader } from '../../test/parquet.ts'
import { store } from '../tables/index.ts'
import { textRows } from './text-rows.ts'

const rows = [
  { store_id: 'S0001', location: 'Tucson, AZ', size: 12_000, manager: 'Ann "Nan" O\'Hara' },
  { store_id: 'S0002', location: 'Saint\nLouis', size: 900, manager: 'Åse Müller' },
]

test('a shop whose name holds commas, quotes or a line’s end is quoted', () => {
  expect(textRows(store, 'strict', rows, 'csv')).toBe(
    `store_id,location,size,manager
S0001,"Tucson, AZ",12000,"Ann ""Nan"" O'Hara"
S0002,"Saint
Louis",900,Åse Müller
`,
  )
  expect(textRows(store, 'strict', rows, 'ndjson')).toBe(
    `{"store_id":"S0001","location":"Tucson, AZ","size":12000,"manager":"Ann \\"Nan\\" O'Hara"}
{"store_id":"S0002","location":"Saint\\nLouis","size":900,"manager":"Åse Müller"}
`,
  )
})

test.each([
  ['csv', 'read_csv(FILE)'],
  ['ndjson', "read_json(FILE, format = 'newline_delimited')"],
] as const)('DuckDB reads it back from %s', async (format, read) => {
  await using reader = await openParquetReader()
  const text = Buffer.from(textRows(store, 'strict', rows, format))
  const found = await reader.ask(text, `SELECT * REPLACE (CAST(size AS INTEGER) AS size) FROM ${read}`)
  expect(found).toEqual(rows)
})
