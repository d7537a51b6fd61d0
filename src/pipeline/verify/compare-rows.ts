import type { FactName } from '../../tables/index.ts'
import type { PlainRow } from '../../truth/rows.ts'
import type { Found } from './sentences.ts'

/** An optional cell without a value, as our own rows write it. */
const NOTHING = ''

/** The cells, rows and ids in which the rows of a store and day differ. */
export function compareRows(
  table: FactName,
  id: string,
  day: string,
  store: string,
  expected: readonly PlainRow[],
  found: readonly PlainRow[],
): Found[] {
  const differences: Found[] = []
  const at = { check: table, table, day, store }
  const have = new Map<string, PlainRow[]>()
  for (const row of found) have.set(row[id], [...(have.get(row[id]) ?? []), row])
  for (const row of expected) {
    const copies = have.get(row[id]) ?? []
    have.delete(row[id])
    if (copies.length === 0) differences.push({ ...at, kind: 'missing', id: row[id] })
    if (copies.length > 1)
      differences.push({ ...at, kind: 'doubled', id: row[id], expected: '1 row', found: `${copies.length} rows` })
    for (const [column, value] of Object.entries(row)) {
      const other = copies.find((copy) => (copy[column] ?? NOTHING) !== value)
      if (other)
        differences.push({ ...at, kind: 'changed', id: row[id], column, expected: value, found: String(other[column]) })
    }
  }
  for (const name of have.keys()) differences.push({ ...at, kind: 'unexpected', id: name })
  return differences
}
