import type { Relation } from '../ports/index.ts'
import type { FactName } from '../tables/index.ts'
import type { World } from '../world/world.ts'
import type { PlannedColumn } from './columns.ts'
import type { Attribution } from './faults/attribution.ts'
import { Need } from './faults/expected.ts'
import type { Found, Heads } from './found.ts'
import type { KeptRows } from './kept.ts'
import type { Ledger } from './ledger.ts'
import { RowMatch } from './match.ts'
import { LISTED, type Looked, Report } from './report.ts'
import type { DifferenceKind, GradeDifference } from './result.ts'
import type { Scan } from './scan.ts'
import { StrangeIds } from './strange-ids.ts'

/** Rows whose cells are fetched; of more, every so many. */
const CELLS_MOST = 20_000
const IDS_AT_ONCE = 5_000
/** Heads of strange ids of which rows are fetched. */
const STRANGERS_SHOWN = 200

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

export interface FoundCells {
  id: string | null
  texts: (string | null)[]
  integers: (number | null)[]
}

export interface Examining {
  table: FactName
  world: World
  relation: Relation
  scan: Scan
  planned: readonly PlannedColumn[]
  heads: Heads
  /** With the faults that were sent. */
  attribution?: Attribution | undefined
}

/** Looks at the rows of store-days that differ, and of heads that no store-day has. */
export async function examine(
  of: Examining,
  kept: readonly KeptRows[],
  extraHeads: readonly string[],
  { strangers, strangerRows }: Pick<Found, 'strangers' | 'strangerRows'>,
): Promise<Examined> {
  const { table, world, relation, scan, planned, heads, attribution } = of
  const columns = planned.map(({ column }) => column)
  const expected = attribution?.expected
  const match = new RowMatch({ world, table, columns, heads, expected }, kept, CELLS_MOST)
  const asked = [...match.keptHeads, ...extraHeads]
  const strange = [...strangers.keys()].slice(0, attribution ? CELLS_MOST : STRANGERS_SHOWN)
  const report = new Report(of, match)
  const strangeIds = new StrangeIds(table, world)
  const changed = (id: string | null) => {
    const change = id === null ? undefined : strangeIds.change(id)
    return change && `its id is written ${change}`
  }
  if (asked.length === 0 && strange.length === 0) {
    attribution?.survey(match)
    return report.result(true)
  }
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

  attribution?.survey(match)
  const copies = new Map<string, Looked>()
  const every = Math.max(1, Math.ceil(match.doubtfulRows / CELLS_MOST))
  let nth = 0
  for (const { place, equal, different, need } of match.wrong()) {
    if (different > 0 || need === Need.mustNot) {
      const kind = report.count(place, need, equal + different)
      if (nth++ % every === 0) copies.set(match.idAt(place), { kind, expected: match.rowAt(place), place })
    } else report.simple(equal === 0 ? 'missing' : 'doubled', place, equal)
  }
  for (const { place, rows, of } of match.madeUp()) report.madeUp(place, rows, of)
  const ids = [...copies.keys(), ...match.unexpected]
  let looked = 0
  for (let from = 0; from < ids.length; from += IDS_AT_ONCE) {
    const some = ids.slice(from, from + IDS_AT_ONCE)
    const found = await cellsOf(of, scan.cells(source, scan.isOneOf(some)))
    for (const id of some) {
      const rows = found.get(id) ?? []
      const known = copies.get(id)
      if (known) report.different(known, rows, every)
      else
        for (const row of rows)
          report.unexpected(row, changed(row.id) ?? 'its store and day have no row with this number')
      if (!known) looked += rows.length
    }
  }
  report.restUnexpected(match.unexpectedRows - looked)
  if (strange.length > 0) {
    const condition = scan.isStrange(strange)
    const most = attribution ? CELLS_MOST : LISTED
    const rows = [...(await cellsOf(of, `${scan.cells(source, condition)} LIMIT ${most}`)).values()].flat()
    // What has no id, and then what has nothing at all, is the hardest to recognize: it gets what is left.
    const known = ({ id, texts }: FoundCells) => (id === null ? 0 : 1) + texts.filter((text) => text !== null).length
    for (const row of rows.toSorted((a, b) => known(b) - known(a)))
      report.unexpected(row, changed(row.id) ?? whyStrange(row.id, strangeIds))
    report.restUnexpected(strangerRows - rows.length)
  }
  const everything = every <= 1 && match.unexpected.size === match.unexpectedRows && strange.length === 0
  return report.result(everything)
}

function whyStrange(id: string | null, ids: StrangeIds): string {
  if (id === null) return 'it has no id'
  return ids.isOwn(id)
    ? 'this world has no such store, or its day is outside the period'
    : 'its id is none of this world'
}

async function cellsOf({ relation, scan }: Examining, sql: string): Promise<Map<string | null, FoundCells[]>> {
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
