import type { Rng } from '../../src/random/rng.ts'
import { type ColumnType, columnsOf, type FactName, keyOf, tables, type WorldSchema } from '../../src/tables/index.ts'
import type { PlainRow } from '../../src/truth/rows.ts'

type Cell = string | null
export type CorruptRow = Record<string, Cell>

/** What the grader should say: `changed T240101-0001-000003 unit_price`. */
export type Expected = string

/** Another value of a type, or something that is not a value of it. */
const OTHER: Record<ColumnType, (value: string, rng: Rng) => Cell> = {
  string: (value, rng) => {
    const at = rng.below(value.length)
    const other = 'ABCXYZ0123456789 +_.e-'.replaceAll(value[at].toUpperCase(), '')
    return value.slice(0, at) + other[rng.below(other.length)] + value.slice(at + 1)
  },
  int: (value, rng) => String(Number(value) + [1, -1, 7, 100_000, -2_000_000_000][rng.below(5)]),
  money: (value, rng) => (Number(value) + [0.01, -0.01, 1, 1_000][rng.below(4)]).toFixed(2),
  timestamp: (value, rng) => {
    const by = [1000, -1000, 18_000_000, -18_000_000, 86_400_000 * 40, 1][rng.below(6)]
    return new Date(Date.parse(`${value.replace(' ', 'T')}Z`) + by).toISOString().replace('T', ' ').replace('Z', '')
  },
}
function otherCell(value: string, { type, references }: { type: ColumnType; references?: string }, rng: Rng): Cell {
  if (!references) return OTHER[type](value, rng)
  // Of a key without its letter, only the digits can differ.
  const number = (Number(value.slice(1)) % 900) + 1 + rng.below(2) * 7
  return value[0] + String(number).padStart(value.length - 1, '0')
}

const WILD: readonly Cell[] = [null, null, 'abc', '', 'NaN', '1e300', 'Infinity', '-1', '0', '9999-99-99']

const KINDS = [
  'missing',
  'doubled',
  'doubled and changed',
  'changed',
  'changed',
  'changed',
  'wild',
  'moved',
  'new id',
  'no id',
  'next number',
  'invented',
] as const

/**
 * Damages a few rows of a table, each in one way, and says what should be found. A typed column of the consumer may hold
 * NULL in place of what it cannot hold: that is a change, too.
 */
export function corrupt(
  rows: readonly PlainRow[],
  table: FactName,
  schema: WorldSchema,
  n: number,
  rng: Rng,
): { rows: CorruptRow[]; expected: Expected[] } {
  const key = keyOf(tables[table])
  const columns = columnsOf(tables[table], schema).filter(([name]) => name !== key)
  const result = new Map<number, CorruptRow[]>()
  const expected: Expected[] = []
  const row = () => {
    for (;;) {
      const at = rng.below(rows.length)
      if (!result.has(at)) return at
    }
  }
  for (let i = 0; i < n; i++) {
    const at = row()
    const clean: CorruptRow = rows[at]
    const id = clean[key]
    const [column, { type, references }] = columns[rng.below(columns.length)]
    const other = () => otherCell(clean[column]!, { type, references }, rng)
    const kind = KINDS[rng.below(KINDS.length)]
    const put = (...found: CorruptRow[]) => result.set(at, found)
    switch (kind) {
      case 'missing':
        put()
        expected.push(`missing ${id}`)
        break
      case 'doubled':
        put(clean, clean)
        expected.push(`doubled ${id}`)
        break
      case 'doubled and changed':
        put(clean, { ...clean, [column]: other() })
        expected.push(`doubled ${id} ${column}`)
        break
      case 'changed':
        put({ ...clean, [column]: other() })
        expected.push(`changed ${id} ${column}`)
        break
      case 'wild': {
        const value = WILD[rng.below(WILD.length)]
        // Without its first letter, -1 is the key of a member.
        if (value === clean[column] || (references && value === '-1')) {
          i--
          break
        }
        put({ ...clean, [column]: value })
        expected.push(`changed ${id} ${column}`)
        break
      }
      case 'moved': {
        // To its neighbor, whose store and day are the same: only their rows differ, not the sum of their values.
        const to = at + 1
        if (result.has(to) || rows[to]?.[key].slice(0, -6) !== id!.slice(0, -6) || rows[to][column] === clean[column]) {
          i--
          break
        }
        put({ ...clean, [column]: rows[to][column] })
        result.set(to, [{ ...rows[to], [column]: clean[column] }])
        expected.push(`changed ${id} ${column}`, `changed ${rows[to][key]} ${column}`)
        break
      }
      case 'new id': {
        const strange = [
          'x',
          `T231105${id!.slice(7)}`,
          `T240102-9999-000001`,
          `${id}1`,
          `${id!.slice(0, -1)} `,
          'null',
        ][rng.below(6)]
        put({ ...clean, [key]: strange })
        expected.push(`missing ${id}`, `unexpected ${strange}`)
        break
      }
      case 'no id':
        put({ ...clean, [key]: null })
        expected.push(`missing ${id}`, 'unexpected null')
        break
      case 'next number': {
        const strange = `${id!.slice(0, -6)}9${id!.slice(-5)}`
        put({ ...clean, [key]: strange })
        expected.push(`missing ${id}`, `unexpected ${strange}`)
        break
      }
      case 'invented': {
        const strange = `${id!.slice(0, -6)}8${id!.slice(-5)}`
        put(clean, { ...clean, [key]: strange })
        expected.push(`unexpected ${strange}`)
        break
      }
    }
  }
  return { rows: rows.flatMap((each, at): CorruptRow[] => result.get(at) ?? [each]), expected }
}

/** Which rows of a table a large corruption befalls. */
const SIZES: Record<string, (row: CorruptRow, first: CorruptRow, at: number, key: string) => boolean> = {
  'a store-day': (row, first, _, key) => row[key]!.slice(0, -6) === first[key]!.slice(0, -6),
  'a day': (row, first, _, key) => row[key]!.slice(0, 7) === first[key]!.slice(0, 7),
  'a store': (row, first) => row.store_id === first.store_id,
  'every fourth row': (_row, _first, at) => at % 4 === 0,
  'every row': () => true,
}

/** What the grader should count. */
export interface Counted {
  about: string
  counts: { missing: number; doubled: number; changed: number; unexpected: number; dirty: number }
  changed: Record<string, number>
}

/** Damages many rows of a table in one way. */
export function corruptMany(
  rows: readonly PlainRow[],
  table: FactName,
  schema: WorldSchema,
  rng: Rng,
): { rows: CorruptRow[]; expected: Counted } {
  const pick = <T>(list: readonly T[]): T => list[rng.below(list.length)]
  const key = keyOf(tables[table])
  const [size, befalls] = pick(Object.entries(SIZES))
  const first = pick(rows)
  // A file without rows cannot be read.
  const kind = pick(['doubled', 'changed', 'changed', ...(size === 'every row' ? [] : ['missing' as const])] as const)
  const [column, record] = pick(columnsOf(tables[table], schema).filter(([name]) => name !== key))
  let n = 0
  const result = rows.flatMap((row, at): CorruptRow[] => {
    if (!befalls(row, first, at, key)) return [row]
    const value = kind === 'changed' ? otherCell(row[column], record, rng) : ''
    if (value === row[column]) return [row]
    n++
    return kind === 'missing' ? [] : kind === 'doubled' ? [row, row] : [{ ...row, [column]: value }]
  })
  const counts = { missing: 0, doubled: 0, changed: 0, unexpected: 0, dirty: 0, [kind]: n }
  const changed: Record<string, number> = kind === 'changed' ? { [column]: n } : {}
  return { rows: result, expected: { about: `${size}: ${kind} ${kind === 'changed' ? column : ''}`, counts, changed } }
}
