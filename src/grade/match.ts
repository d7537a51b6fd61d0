import { rowTexts } from '../encode/cells.ts'
import { idOf } from '../encode/ids.ts'
import type { ArrayName, ArrayOf, FactName } from '../tables/index.ts'
import { SECONDS_PER_DAY, type Second } from '../time.ts'
import { yymmdd } from '../truth/integers.ts'
import { hashSomeRows, valuesOfRow } from '../truth/sum-rows.ts'
import type { World } from '../world/world.ts'
import { taken } from './forms.ts'
import { type Heads, letterOf } from './found.ts'
import type { KeptRows, KeptSpan } from './kept.ts'

/** An expected row: where its cells are. */
interface Place {
  rows: KeptRows
  span: KeptSpan
  /** Within the span. */
  nth: number
}

/** An expected row in full. */
export interface ExpectedRow {
  id: string
  second: Second
  /** It must be there. */
  needed: boolean
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

  constructor(
    { world, table, columns, heads }: { world: World; table: FactName; columns: readonly string[]; heads: Heads },
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
    let base = 0
    for (const rows of pieces)
      for (const span of rows.spans) {
        const { row, length, first, store, day } = span
        const midnight = day * SECONDS_PER_DAY
        hash(rows.cells, row, row + length, first, yymmdd(day), store + 1, midnight, this.a, this.b, base)
        this.at.set(span.index, this.spans.length)
        this.spans.push({ rows, span, base })
        base += length
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
      const counts = this.a[at] === a && this.b[at] === b ? this.equal : this.different
      if (counts[at] < 65_535) counts[at]++
      return
    }
    this.unexpectedRows++
    const id = odd ?? `${head}${String(number).padStart(this.world.ids.number, '0')}`
    if (this.unexpected.size < this.most) this.unexpected.add(id)
  }

  /** Each expected row that was not found once and right, in the order of ids within a block. */
  *wrong(): Generator<{ place: Place; equal: number; different: number }> {
    for (const { rows, span, base } of this.spans)
      for (let nth = 0; nth < span.length; nth++) {
        const [equal, different] = [this.equal[base + nth], this.different[base + nth]]
        if (different > 0 || equal > 1 || (equal === 0 && this.isNeeded(span, nth)))
          yield { place: { rows, span, nth }, equal, different }
      }
  }

  /** Expected rows of which a different copy was found. */
  get differentRows(): number {
    return this.different.reduce((n, copies) => n + (copies > 0 ? 1 : 0), 0)
  }

  /** Right rows that need not be there. */
  get beside(): number {
    let n = 0
    for (const { span, base } of this.spans)
      for (let nth = 0; nth < span.length; nth++) if (!this.isNeeded(span, nth) && this.equal[base + nth] > 0) n++
    return n
  }

  get rows(): number {
    return this.a.length
  }

  idAt = ({ span, nth }: Place): string => idOf(this.letter, span.day, span.store, span.first + nth, this.world.ids)

  rowAt({ rows, span, nth }: Place): ExpectedRow {
    let texts = this.texts.get(rows)
    if (!texts) this.texts.set(rows, (texts = rowTexts(this.world, this.table, rows.cells)))
    const { day, store } = span
    const [row, number] = [span.row + nth, span.first + nth]
    const midnight = day * SECONDS_PER_DAY
    return {
      id: this.idAt({ rows, span, nth }),
      second: midnight + (rows.cells.second as ArrayOf[ArrayName])[row],
      needed: this.isNeeded(span, nth),
      texts: texts({ row, number, store, day }),
      integers: this.values(rows.cells, row, number, yymmdd(day), store + 1, midnight),
    }
  }

  private isNeeded = ({ from, end }: KeptSpan, nth: number): boolean => nth >= from && nth < end
}
