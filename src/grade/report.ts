import { Fate, malformationOf } from '../faults/index.ts'
import { type FactColumn, factColumns, tables } from '../tables/index.ts'
import { formatSecond } from '../time.ts'
import { Causes } from './causes.ts'
import type { Examined, Examining, FoundCells } from './differences.ts'
import { type MadeUp, Need } from './faults/expected.ts'
import { Ledger } from './ledger.ts'
import type { ExpectedRow, Place, RowMatch } from './match.ts'
import type { CellDifference, DifferenceKind, GradeDifference } from './result.ts'

/** Differences of each kind that a result lists. */
export const LISTED = 1_000

/** A row whose cells are looked at. */
export interface Looked {
  kind: DifferenceKind
  expected: ExpectedRow
  place: Place
}

export interface ReportColumn {
  name: string
  column: FactColumn
  /** Its place among all columns of the table. */
  at: number
  /** The place of its first integer, and how many it has. */
  first: number
  integers: number
}

/** The compared columns in the order of their integers. */
export function reportColumns({ table, world, scan }: Pick<Examining, 'table' | 'world' | 'scan'>): ReportColumn[] {
  const ours = factColumns(tables[table], world.schema)
  let first = 0
  return scan.columns.map(({ column, integers }) => {
    const at = ours.findIndex(([name]) => name === column)
    const found = { name: column, column: ours[at][1], at, first, integers }
    first += integers
    return found
  })
}

const noCounts = (): Record<DifferenceKind, number> => ({ missing: 0, doubled: 0, changed: 0, unexpected: 0, dirty: 0 })

/** Counts and lists differences, each with the fault that explains it. */
export class Report {
  private readonly of: Examining
  private readonly match: RowMatch
  private readonly counts = noCounts()
  private readonly listed = noCounts()
  private readonly changed: Record<string, number> = {}
  private readonly causes = new Causes()
  private readonly differences: GradeDifference[] = []
  private readonly unknownKeys: GradeDifference[] = []
  private unknownKeyRows = 0
  private looked = 0
  /** Rows that are right, and not of the world. */
  private beside = 0
  private readonly columns: ReportColumn[]
  private readonly ledger: Ledger

  constructor(of: Examining, match: RowMatch) {
    this.of = of
    this.match = match
    this.columns = reportColumns(of)
    this.ledger = new Ledger(of.world, this.columns)
  }

  /** Counts a row of which a different copy was found, or that must not be there; `copies`: all that were found. */
  count(place: Place, need: number, copies: number): DifferenceKind {
    const isDamaged = this.of.attribution && this.match.eventAt(place).fate === Fate.malformed
    const kind = isDamaged ? 'dirty' : need === Need.mustNot ? 'unexpected' : copies > 1 ? 'doubled' : 'changed'
    this.counts[kind] += kind === 'doubled' ? copies - 1 : kind === 'changed' ? 1 : copies
    return kind
  }

  simple(kind: 'missing' | 'doubled', place: Place, copies: number): void {
    const { attribution } = this.of
    this.counts[kind] += kind === 'missing' ? 1 : copies - 1
    const of = attribution && this.match.eventAt(place)
    const fault = of && (kind === 'missing' ? attribution.missing(of) : attribution.doubled(of, copies))
    if (this.listed[kind] >= LISTED && !this.ledger.counts) return
    const { id, second, integers } = this.match.rowAt(place)
    this.ledger.add(integers, copies - 1)
    const time = formatSecond(second)
    this.list({ table: this.of.table, kind, id, time, ...(kind === 'doubled' && { copies }) }, fault?.text)
  }

  /** A row that `count` counted. Each stands for `weight` rows. */
  different({ kind, expected, place }: Looked, rows: readonly FoundCells[], weight: number): void {
    this.looked++
    const cells = rows.flatMap((row) => this.compare(expected, row))
    if (kind !== 'dirty' && kind !== 'unexpected') this.ledger.add(expected.integers, -1)
    for (const row of rows) this.ledger.add(row.integers, 1)
    for (const { column } of cells) this.changed[column] = (this.changed[column] ?? 0) + 1
    const copies = rows.length
    const { why, text } = this.explained(
      kind,
      expected,
      place,
      rows,
      new Set(cells.map(({ column }) => column)),
      weight,
    )
    const difference: GradeDifference = {
      ...{ table: this.of.table, kind, id: expected.id, time: formatSecond(expected.second) },
      ...(kind === 'doubled' && { copies }),
      cells,
      ...(why !== undefined && { why }),
    }
    this.list(difference, text)
    for (const row of rows) this.checkKeys(difference, row)
  }

  /** A row whose id is that of no event. */
  unexpected(row: FoundCells, why: string): void {
    const { attribution, table } = this.of
    const event = attribution?.rows.take(row.id, this.known(row))
    const kind = event ? 'dirty' : 'unexpected'
    this.counts[kind]++
    const fault = event && attribution!.dirty(event.form, 1)
    if (attribution && !event) attribution.unexplained.unexpected++
    this.ledger.add(row.integers, 1)
    const difference: GradeDifference = { table, kind, id: row.id, why: event ? whyDirty(event.id) : why }
    this.list(difference, fault?.text)
    this.checkKeys(difference, row)
  }

  /** Rows of an event that nobody meant. */
  madeUp(place: Place, rows: number, of: MadeUp): void {
    // A consumer that applies every change has it until the deletion arrives.
    if (of.isThere && rows === 1) {
      this.beside++
      return
    }
    this.counts.unexpected += rows
    const fault = this.of.attribution!.deleted(of, rows)
    const { id, integers } = this.match.rowAt(place)
    this.ledger.add(integers, rows)
    const own = id.slice(0, -this.of.world.ids.number) + String(of.number)
    const why = of.isThere ? 'its event was sent once' : 'its event was deleted'
    this.list({ table: this.of.table, kind: 'unexpected', id: own, ...(rows > 1 && { copies: rows }), why }, fault.text)
  }

  /** Unexpected rows that were not looked at. */
  restUnexpected(rows: number): void {
    const n = Math.max(0, rows)
    this.counts.unexpected += n
    if (this.of.attribution) this.of.attribution.unexplained.unexpected += n
  }

  result(everything: boolean): Examined {
    const { counts, changed, differences, unknownKeys, unknownKeyRows, match } = this
    return {
      ...{ counts, changed, differences, unknownKeys, unknownKeyRows },
      causes: this.causes.sentences(
        this.columns.map(({ name, column }) => [name, column] as const),
        { rows: match.rows, different: match.differentRows, looked: this.looked },
        this.of.attribution?.values.names.emptied,
      ),
      beside: match.beside + this.beside,
      rows: match.rows,
      looked: this.looked,
      ledger: everything ? this.ledger : undefined,
    }
  }

  /** Integers of cells that have a value. */
  private known({ texts, integers }: FoundCells): (number | null)[] {
    return this.columns.flatMap(({ first, integers: n }, i) =>
      integers.slice(first, first + n).map((value) => (texts[i] === null ? null : value)),
    )
  }

  private explained(
    kind: DifferenceKind,
    expected: ExpectedRow,
    place: Place,
    rows: readonly FoundCells[],
    wrong: Set<string>,
    weight: number,
  ): { text?: string | undefined; why?: string } {
    const { attribution } = this.of
    if (!attribution) return {}
    if (kind === 'dirty') {
      const form = malformationOf(attribution.expected.fates, this.match.eventAt(place).key)
      attribution.rows.isRow(expected.id)
      attribution.readableRows.delete(expected.id)
      return { text: attribution.dirty(form, rows.length * weight).text, why: whyDirty(expected.id) }
    }
    if (kind === 'unexpected') {
      attribution.lost(rows.length * weight)
      return { why: 'its event was lost: nobody received it' }
    }
    const found = rows.map(({ integers }) => integers)
    return {
      text: attribution.different(
        kind === 'doubled' ? 'doubled' : 'changed',
        { match: this.match, place },
        { expected: expected.integers, found, wrong },
        weight * (kind === 'doubled' ? rows.length - 1 : 1),
      )?.text,
    }
  }

  private compare(expected: ExpectedRow, { texts, integers }: FoundCells): CellDifference[] {
    return this.columns.flatMap(({ name, at, first, integers: n }, i) => {
      const [should, is] = [expected.integers, integers].map((all) => all.slice(first, first + n))
      if (should.every((value, of) => value === is[of])) return []
      this.causes.add(name, { expected: should as number[], found: is, text: texts[i], right: expected.texts[at] })
      return [{ column: name, expected: expected.texts[at], found: texts[i] }]
    })
  }

  private checkKeys(difference: GradeDifference, { integers }: FoundCells): void {
    const { ids, counts } = this.of.world
    const isUnknown = this.columns.some(({ column, first }) => {
      if (column.kind !== 'member' && column.kind !== 'optionalMember' && column.kind !== 'spanMember') return false
      if (column.kind === 'optionalMember' && integers[first] === 0) return false
      const number = (integers[first] ?? Number.NaN) - 10 ** ids[column.references]
      return !(number >= 1 && number <= counts[column.references])
    })
    if (!isUnknown) return
    this.unknownKeyRows++
    if (this.unknownKeys.length < LISTED) this.unknownKeys.push(difference)
  }

  private list(difference: GradeDifference, fault: string | undefined): void {
    if (this.listed[difference.kind]++ >= LISTED) return
    this.differences.push({ ...difference, ...(fault !== undefined && { fault }) })
  }
}

const whyDirty = (id: string) => `it was made of the damaged event ${id}`
