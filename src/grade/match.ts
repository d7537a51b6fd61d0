import { rowTexts } from '../encode/cells.ts'
import { idOf } from '../encode/ids.ts'
import { besideDeleted, changeOf } from '../faults/index.ts'
import type { ArrayName, ArrayOf, FactName } from '../tables/index.ts'
import { SECONDS_PER_DAY, type Second } from '../time.ts'
import { yymmdd } from '../truth/integers.ts'
import { letterOf } from '../truth/own-ids.ts'
import { hashSomeRows, valuesOfRow } from '../truth/sum-rows.ts'
import type { World } from '../world/world.ts'
import { type Expected, type MadeUp, Need } from './faults/expected.ts'
import { taken } from './forms.ts'
import type { Heads } from './found.ts'
import type { KeptRows, KeptSpan } from './kept.ts'

/** An expected row: where its cells are. */
export interface Place {
  rows: KeptRows
  span: KeptSpan
  /** Within the span. */
  nth: number
  /** The place of the span's first row among all that are matched. */
  base: number
}

/** An expected row in full. */
export interface ExpectedRow {
  id: string
  second: Second
  need: number
  /** By the columns of the table, all of them. */
  texts: string[]
  /** Of the compared columns. */
  integers: number[]
}

/** Matches the rows of store-days that differ, one by one, by their numbers and the two sides of their checksums. */
export class RowMatch {
  private readonly world: World
  private readonly table: FactName
  private readonly heads: Heads
  private readonly pieces: readonly KeptRows[]
  private readonly spans: { rows: KeptRows; span: KeptSpan; base: number }[] = []
  private readonly at = new Map<number, number>()
  private readonly a: Int32Array
  private readonly b: Int32Array
  /** Equal and different copies that were found, at most 65,535 of each. */
  private readonly equal: Uint16Array
  private readonly different: Uint16Array
  private readonly letter: string
  private readonly values: ReturnType<typeof valuesOfRow>
  private readonly texts = new Map<KeptRows, ReturnType<typeof rowTexts>>()
  /** Ids of rows whose number no row of their store-day has; the first of them. */
  readonly unexpected = new Set<string>()
  unexpectedRows = 0
  private readonly most: number
  private readonly needs: Uint8Array
  /** Of expected rows: rows of the event that nobody meant beside it, and the sides of another row that is right, too. */
  private readonly made = new Map<number, number>()
  private readonly others = new Map<number, readonly [a: number, b: number]>()
  private readonly expected: Expected | undefined

  /** `expected` says what must be there after faults. */
  constructor(
    {
      world,
      table,
      columns,
      heads,
      expected,
    }: { world: World; table: FactName; columns: readonly string[]; heads: Heads; expected?: Expected | undefined },
    pieces: readonly KeptRows[],
    most: number,
  ) {
    this.world = world
    this.table = table
    this.heads = heads
    this.pieces = pieces
    this.most = most
    this.letter = letterOf(table)
    const take = taken(table, new Set(columns))
    const hash = hashSomeRows(world, table, take)
    this.values = valuesOfRow(world, table, take)
    const n = pieces.flatMap(({ spans }) => spans).reduce((sum, { length }) => sum + length, 0)
    this.a = new Int32Array(n)
    this.b = new Int32Array(n)
    this.equal = new Uint16Array(n)
    this.different = new Uint16Array(n)
    this.needs = new Uint8Array(n)
    this.expected = expected
    let base = 0
    for (const rows of pieces)
      for (const span of rows.spans) {
        const { row, length, first, store, day } = span
        const midnight = day * SECONDS_PER_DAY
        hash(rows.cells, row, row + length, first, yymmdd(day), store + 1, midnight, this.a, this.b, base)
        this.at.set(span.index, this.spans.length)
        this.spans.push({ rows, span, base })
        if (!expected) this.needs.fill(Need.may, base, base + length).fill(Need.must, base + span.from, base + span.end)
        base += length
      }
    if (expected?.terms.profile.corrected && Number.isFinite(expected.terms.delivered)) this.findOthers(expected, hash)
  }

  /** A consumer that is ahead may have a correction that is on its way. */
  private findOthers(expected: Expected, hash: ReturnType<typeof hashSomeRows>): void {
    const change = changeOf(this.world, expected.fates, this.table)
    const [a, b] = [new Int32Array(1), new Int32Array(1)]
    for (const { rows, span, base } of this.spans)
      for (let nth = 0; nth < span.length; nth++) {
        const of = this.eventAt({ rows, span, nth, base })
        if (!of.isBetweenVersions) continue
        const cells = this.cellsAt({ rows, span, nth })
        change[of.isMistaken ? 'undo' : 'apply'](cells as Record<string, Int32Array>, 0, of.key)
        const { day, store, first } = span
        hash(cells, 0, 1, first + nth, yymmdd(day), store + 1, day * SECONDS_PER_DAY, a, b, 0)
        this.others.set(base + nth, [a[0], b[0]])
      }
  }

  /** After faults: looks at each event of the store-days in turn, with the number of rows that were found of it. */
  *events(): Generator<{ of: Expected; found: number; id: () => string }> {
    const { expected: of, table } = this
    if (!of) return
    for (const { rows, span, base } of this.spans) {
      const { store, day, length } = span
      const second = rows.cells.second as ArrayOf[ArrayName]
      of.begin(table, store, day)
      for (let nth = 0; nth < length; nth++) {
        this.needs[base + nth] = of.event(span.first + nth, day * SECONDS_PER_DAY + second[span.row + nth] - of.shift)
        const found = this.equal[base + nth] + this.different[base + nth]
        yield { of, found, id: () => this.idAt({ span, nth }) }
      }
    }
  }

  /** Looks at the event of a row. */
  eventAt({ rows, span, nth }: Place): Expected {
    const of = this.expected!
    of.begin(this.table, span.store, span.day)
    const second = (rows.cells.second as ArrayOf[ArrayName])[span.row + nth]
    of.event(span.first + nth, span.day * SECONDS_PER_DAY + second - of.shift)
    return of
  }

  /** The integers of a row after a change of its cells. */
  changedAt({ rows, span, nth }: Omit<Place, 'base'>, change: (cells: Record<string, Int32Array>) => void): number[] {
    const cells = this.cellsAt({ rows, span, nth })
    change(cells as Record<string, Int32Array>)
    const { day, store, first } = span
    return this.values(cells, 0, first + nth, yymmdd(day), store + 1, day * SECONDS_PER_DAY)
  }

  private cellsAt({ rows, span, nth }: Omit<Place, 'base'>): Record<string, ArrayOf[ArrayName]> {
    const at = span.row + nth
    return Object.fromEntries(Object.entries(rows.cells).map(([name, all]) => [name, all.slice(at, at + 1)]))
  }

  /** Rows of events that nobody meant. */
  *madeUp(): Generator<{ place: Place; rows: number; of: MadeUp }> {
    for (const { rows, span, base } of this.spans)
      for (let nth = 0; nth < span.length; nth++) {
        const found = this.made.get(base + nth)
        const place = { rows, span, nth, base }
        if (found) yield { place, rows: found, of: this.eventAt(place).madeUp(span.first + nth)! }
      }
  }

  /** Heads of the store-days that are matched. */
  get keptHeads(): string[] {
    return this.pieces.flatMap(({ spans }) => spans.map(({ index }) => this.heads.textOf(index)))
  }

  /** A found row; `odd` is its id if that has no number. */
  add(head: string | null, number: number | null, a: number, b: number, odd: string | null): void {
    const index = this.heads.indexOf(head)
    if (index === undefined) return
    const span = this.spans[this.at.get(index) ?? -1]
    const nth = span && number !== null ? number - span.span.first : -1
    if (span && nth >= 0 && nth < span.span.length) {
      const at = span.base + nth
      const other = this.others.get(at)
      const isRight = (this.a[at] === a && this.b[at] === b) || (other && other[0] === a && other[1] === b)
      const counts = isRight ? this.equal : this.different
      if (counts[at] < 65_535) counts[at]++
      return
    }
    if (span && number !== null && this.isMadeUp(span, number)) return
    this.unexpectedRows++
    const id = odd ?? `${head}${String(number).padStart(this.world.ids.number, '0')}`
    if (this.unexpected.size < this.most) this.unexpected.add(id)
  }

  /** Counts a row whose number is that of an event that nobody meant. */
  private isMadeUp({ rows, span, base }: { rows: KeptRows; span: KeptSpan; base: number }, number: number): boolean {
    if (!this.expected?.fates.profile.deleted) return false
    const nth = besideDeleted(number, this.world.ids) - span.first
    if (!(nth >= 0 && nth < span.length) || !this.eventAt({ rows, span, nth, base }).madeUp(span.first + nth))
      return false
    this.made.set(base + nth, (this.made.get(base + nth) ?? 0) + 1)
    return true
  }

  /** Each expected row that was not found once and right, in the order of ids within a block. */
  *wrong(): Generator<{ place: Place; equal: number; different: number; need: number }> {
    for (const { rows, span, base } of this.spans)
      for (let nth = 0; nth < span.length; nth++) {
        const [equal, different, need] = [this.equal[base + nth], this.different[base + nth], this.needs[base + nth]]
        const isWrong = need === Need.mustNot ? equal > 0 : equal > 1 || (equal === 0 && need === Need.must)
        if (different > 0 || isWrong) yield { place: { rows, span, nth, base }, equal, different, need }
      }
  }

  /** Expected rows of which a different copy was found. */
  get differentRows(): number {
    return this.different.reduce((n, copies) => n + (copies > 0 ? 1 : 0), 0)
  }

  /** Expected rows whose cells have to be looked at: a different copy was found, or they must not be there. */
  get doubtfulRows(): number {
    let n = 0
    for (let at = 0; at < this.different.length; at++)
      if (this.different[at] > 0 || (this.equal[at] > 0 && this.needs[at] === Need.mustNot)) n++
    return n
  }

  /** Right rows that need not be there. */
  get beside(): number {
    let n = 0
    for (const { span, base } of this.spans)
      for (let nth = 0; nth < span.length; nth++)
        if (this.needs[base + nth] === Need.may && this.equal[base + nth] > 0) n++
    return n
  }

  get rows(): number {
    return this.a.length
  }

  idAt = ({ span, nth }: Pick<Place, 'span' | 'nth'>): string =>
    idOf(this.letter, span.day, span.store, span.first + nth, this.world.ids)

  rowAt(place: Place): ExpectedRow {
    const { rows, span, nth, base } = place
    let texts = this.texts.get(rows)
    if (!texts) this.texts.set(rows, (texts = rowTexts(this.world, this.table, rows.cells)))
    const { day, store } = span
    const [row, number] = [span.row + nth, span.first + nth]
    const midnight = day * SECONDS_PER_DAY
    return {
      id: this.idAt(place),
      second: midnight + (rows.cells.second as ArrayOf[ArrayName])[row],
      need: this.needs[base + nth],
      texts: texts({ row, number, store, day }),
      integers: this.values(rows.cells, row, number, yymmdd(day), store + 1, midnight),
    }
  }
}
