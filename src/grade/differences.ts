import type { Relation } from '../ports/index.ts'
import { type FactName, factColumns, tables } from '../tables/index.ts'
import { formatSecond } from '../time.ts'
import type { World } from '../world/world.ts'
import { Causes } from './causes.ts'
import type { PlannedColumn } from './columns.ts'
import type { Explain } from './explain.ts'
import { type Found, type Heads, letterOf } from './found.ts'
import type { KeptRows } from './kept.ts'
import { Ledger } from './ledger.ts'
import { type ExpectedRow, RowMatch } from './match.ts'
import type { CellDifference, DifferenceKind, GradeDifference } from './result.ts'
import type { Scan } from './scan.ts'

/** Rows whose cells are fetched; of more, every so many. */
const CELLS_MOST = 20_000
const IDS_AT_ONCE = 5_000
/** Heads of strange ids of which rows are fetched. */
const STRANGERS_SHOWN = 200
/** Differences of each kind that a result lists. */
export const LISTED = 1_000

export interface Examined {
  counts: Record<DifferenceKind, number>
  changed: Record<string, number>
  causes: string[]
  differences: GradeDifference[]
  /** Cells that should name a member of a dimension, and name none. */
  unknownKeys: GradeDifference[]
  unknownKeyRows: number
  beside: number
  /** Rows that were compared one by one. */
  rows: number
  /** Rows whose cells were fetched, of those that have a different copy. */
  looked: number
  /** Undefined if not every difference was looked at. */
  ledger: Ledger | undefined
}

interface FoundCells {
  id: string | null
  texts: (string | null)[]
  integers: (number | null)[]
}

interface Table {
  table: FactName
  world: World
  relation: Relation
  scan: Scan
  planned: readonly PlannedColumn[]
  heads: Heads
  explain: Explain
}

/** Looks at the rows of store-days that differ, and of heads that no store-day has. */
export async function examine(
  of: Table,
  kept: readonly KeptRows[],
  extraHeads: readonly string[],
  { strangers, strangerRows }: Pick<Found, 'strangers' | 'strangerRows'>,
): Promise<Examined> {
  const { table, world, relation, scan, planned, heads } = of
  const match = new RowMatch({ world, table, columns: planned.map(({ column }) => column), heads }, kept, CELLS_MOST)
  const asked = [...match.keptHeads, ...extraHeads]
  const strange = [...strangers.keys()].slice(0, STRANGERS_SHOWN)
  const report = new Report(of, match)
  if (asked.length === 0 && strange.length === 0) return report.result(true)
  const source = await relation.keep(`differing_${table}`, scan.withHeads([...asked, ...strange]))
  for await (const [head, number, p, q, odd] of relation.query(scan.rows(source)))
    for (let i = 0; i < head.length; i++)
      match.add(
        head[i] as string | null,
        number[i] as number | null,
        p[i] as number,
        q[i] as number,
        odd[i] as string | null,
      )

  const copies = new Map<string, { expected: ExpectedRow; equal: number }>()
  const every = Math.ceil(match.differentRows / CELLS_MOST)
  let nth = 0
  for (const { place, equal, different } of match.wrong()) {
    if (different > 0) {
      report.count(different + equal > 1 ? 'doubled' : 'changed', different + equal > 1 ? different + equal - 1 : 1)
      if (nth++ % every === 0) copies.set(match.idAt(place), { expected: match.rowAt(place), equal })
    } else report.simple(equal === 0 ? 'missing' : 'doubled', () => match.rowAt(place), equal)
  }
  const ids = [...copies.keys(), ...match.unexpected]
  for (let from = 0; from < ids.length; from += IDS_AT_ONCE) {
    const some = ids.slice(from, from + IDS_AT_ONCE)
    const found = await cellsOf(of, scan.cells(source, scan.isOneOf(some)))
    for (const id of some) {
      const rows = found.get(id) ?? []
      const known = copies.get(id)
      if (known) report.different(known.expected, rows, known.equal)
      else for (const row of rows) report.unexpected(row, 'its store and day have no row with this number')
    }
  }
  report.count('unexpected', match.unexpectedRows)
  if (strange.length > 0) {
    report.count('unexpected', strangerRows)
    const condition = scan.isStrange(strange)
    for (const rows of (await cellsOf(of, `${scan.cells(source, condition)} LIMIT ${LISTED}`)).values())
      for (const row of rows) report.unexpected(row, whyStrange(row.id, of))
  }
  const everything = every <= 1 && match.unexpected.size === match.unexpectedRows && strange.length === 0
  return report.result(everything)
}

function whyStrange(id: string | null, { table, world }: Table): string {
  if (id === null) return 'it has no id'
  const form = new RegExp(`^${letterOf(table)}\\d{6}-\\d{${world.ids.store}}-\\d{${world.ids.number}}$`)
  return form.test(id)
    ? 'this world has no such store, or its day is outside the period'
    : 'its id is none of this world'
}

async function cellsOf({ relation, scan }: Table, sql: string): Promise<Map<string | null, FoundCells[]>> {
  const rows = new Map<string | null, FoundCells[]>()
  const n = scan.columns.length
  for await (const chunk of relation.query(sql))
    for (let row = 0; row < chunk[0].length; row++) {
      const cells = chunk.map((column) => column[row])
      const id = cells[0] as string | null
      const integers = cells.slice(1 + n).map((value) => (value === null || Number.isNaN(value) ? null : Number(value)))
      const known = rows.get(id) ?? []
      rows.set(id, [...known, { id, texts: cells.slice(1, 1 + n) as (string | null)[], integers }])
    }
  return rows
}

/** Counts and lists differences. */
class Report {
  private readonly of: Table
  private readonly match: RowMatch
  private readonly counts: Record<DifferenceKind, number> = { missing: 0, doubled: 0, changed: 0, unexpected: 0 }
  private readonly listed: Record<DifferenceKind, number> = { missing: 0, doubled: 0, changed: 0, unexpected: 0 }
  private readonly changed: Record<string, number> = {}
  private readonly causes = new Causes()
  private readonly differences: GradeDifference[] = []
  private readonly unknownKeys: GradeDifference[] = []
  private unknownKeyRows = 0
  private looked = 0
  private readonly columns
  private readonly ledger: Ledger

  constructor(of: Table, match: RowMatch) {
    this.of = of
    this.match = match
    const ours = factColumns(tables[of.table], of.world.schema)
    let first = 0
    this.columns = of.scan.columns.map(({ column, integers }) => {
      const at = ours.findIndex(([name]) => name === column)
      const found = { name: column, column: ours[at][1], at, first, integers }
      first += integers
      return found
    })
    this.ledger = new Ledger(of.world, this.columns)
  }

  count(kind: DifferenceKind, n: number): void {
    this.counts[kind] += n
  }

  simple(kind: 'missing' | 'doubled', row: () => ExpectedRow, copies: number): void {
    this.count(kind, kind === 'missing' ? 1 : copies - 1)
    if (this.listed[kind] >= LISTED && !this.ledger.counts) return
    const { id, second, integers } = row()
    this.ledger.add(integers, copies - 1)
    this.list({ table: this.of.table, kind, id, time: formatSecond(second), ...(kind === 'doubled' && { copies }) })
  }

  different(expected: ExpectedRow, rows: readonly FoundCells[], equal: number): void {
    const copies = rows.length
    this.looked++
    const wrong = rows.map((row) => this.compare(expected, row)).filter((cells) => cells.length > 0)
    this.ledger.add(expected.integers, -1)
    for (const row of rows) this.ledger.add(row.integers, 1)
    const kind = copies > 1 || equal > 0 ? 'doubled' : 'changed'
    for (const { column } of wrong.flat()) this.changed[column] = (this.changed[column] ?? 0) + 1
    const difference: GradeDifference = {
      table: this.of.table,
      kind,
      id: expected.id,
      time: formatSecond(expected.second),
      ...(kind === 'doubled' && { copies }),
      cells: wrong.flat(),
    }
    this.list(difference)
    for (const row of rows) this.checkKeys(difference, row)
  }

  unexpected(row: FoundCells, why: string): void {
    this.ledger.add(row.integers, 1)
    const difference: GradeDifference = { table: this.of.table, kind: 'unexpected', id: row.id, why }
    this.list(difference)
    this.checkKeys(difference, row)
  }

  result(everything: boolean): Examined {
    const { counts, changed, differences, unknownKeys, unknownKeyRows, match } = this
    return {
      ...{ counts, changed, differences, unknownKeys, unknownKeyRows },
      causes: this.causes.sentences(
        this.columns.map(({ name, column }) => [name, column] as const),
        { rows: match.rows, different: match.differentRows, looked: this.looked },
      ),
      beside: match.beside,
      rows: match.rows,
      looked: this.looked,
      ledger: everything ? this.ledger : undefined,
    }
  }

  private compare(expected: ExpectedRow, { texts, integers }: FoundCells): CellDifference[] {
    return this.columns.flatMap(({ name, at, first, integers: n }, i) => {
      const [should, is] = [expected.integers, integers].map((all) => all.slice(first, first + n))
      if (should.every((value, of) => value === is[of])) return []
      this.causes.add(name, { expected: should as number[], found: is, text: texts[i] })
      return [{ column: name, expected: expected.texts[at], found: texts[i] }]
    })
  }

  private checkKeys(difference: GradeDifference, { integers }: FoundCells): void {
    const { ids, counts } = this.of.world
    const isUnknown = this.columns.some(({ column, first }) => {
      if (column.kind !== 'member' && column.kind !== 'spanMember') return false
      const number = (integers[first] ?? Number.NaN) - 10 ** ids[column.references]
      return !(number >= 1 && number <= counts[column.references])
    })
    if (!isUnknown) return
    this.unknownKeyRows++
    if (this.unknownKeys.length < LISTED) this.unknownKeys.push(difference)
  }

  private list(difference: GradeDifference): void {
    if (this.listed[difference.kind]++ >= LISTED) return
    const fault = this.of.explain(difference)
    this.differences.push({ ...difference, ...(fault !== undefined && { fault }) })
  }
}
