import type { Page } from '../encode/event-pages.ts'
import { FactText } from '../encode/fact-text.ts'
import type { RowForm } from '../encode/row-layout.ts'
import { WORD } from '../encode/words.ts'
import { type FactName, facts } from '../tables/index.ts'
import { SECONDS_PER_DAY } from '../time.ts'
import type { World } from '../world/world.ts'
import { driftsOf, edited, versioned } from './events.ts'
import { type Fates, FORMS } from './fates.ts'
import type { SentBatch } from './sent-batch.ts'

const PAGE_BYTES = 1 << 18
const LINE_END = 10
/** More than a version takes in any form. */
const SUFFIX_BYTES = 64

/** What arrives as lines, in order of arrival, malformed ones among them. A page is overwritten by the next one. */
export function* sentPagesOf(
  world: World,
  batch: SentBatch,
  form: RowForm,
  names: readonly FactName[],
): Generator<Page> {
  const { spans, fates } = batch
  const suffixes = fates.hasVersions ? FORMS.map((_, of) => suffixOf(fates, of, form === 'csv')) : undefined
  const tables = facts.map(({ name }, table) => {
    const text = new FactText(world, name, form)
    text.begin(batch)
    const { length, first, rows } = batch.facts[name]
    return {
      ...{ name, text, length, first, rows, row: 0, edits: batch.edits[table], edit: 0 },
      forms: batch.forms[table],
      drifts: driftsOf(fates, name),
    }
  })
  const rowBytes = Math.max(...tables.map(({ text }) => text.rowBytes)) + 2 * WORD + (suffixes ? SUFFIX_BYTES : 0)
  const room = Math.floor(PAGE_BYTES / rowBytes)
  const page = { starts: new Int32Array(room + 1), tables: new Uint8Array(room), stores: new Int32Array(room) }
  let bytes = Buffer.alloc(PAGE_BYTES)
  let view = viewOf(bytes)
  let [n, at] = [0, 0]

  for (let span = 0; span < spans.n; span++) {
    const store = spans.store[span]
    const day = spans.day[span]
    for (const [index, table] of tables.entries()) {
      const { name, text, rows, edits, drifts } = table
      const end = table.row + table.length[span]
      if (!names.includes(name)) {
        table.row = end
        continue
      }
      for (let number = table.first[span]; table.row < end; table.row++, number++) {
        const start = at
        page.starts[n] = start
        page.tables[n] = index
        page.stores[n] = store
        at = text.put(view, at, span, table.row, number)
        if (suffixes) {
          const suffix = suffixes[table.forms[table.row]]
          bytes.set(suffix.bytes, at - suffix.over)
          at += suffix.bytes.length - suffix.over
        }
        const edit = edits[table.edit]?.row === table.row ? edits[table.edit++] : undefined
        if (edit || drifts.length > 0) {
          // The cell has the time of the store's clock, unless that is on another day.
          const skew = edit?.time === undefined ? fates.skewOf(store, day) : 0
          const time = day * SECONDS_PER_DAY + rows.second[table.row] - skew
          const key = edit?.key ?? fates.eventKey(fates.spanKey(index, day, store), number)
          const line = bytes.toString('latin1', start, at - 1)
          const applied = drifts.filter((drift) => time >= drift.at)
          at = replace(edited(fates, name, line, applied, key, edit), start)
        }
        if (++n === room || at + rowBytes > bytes.length) {
          yield finished()
          n = at = 0
        }
      }
    }
  }
  if (n > 0) yield finished()

  function finished(): Page {
    page.starts[n] = at
    return { n, bytes: bytes.subarray(0, at), ...page }
  }

  /** Writes a line over the one at `start`; returns its end. An oversized one needs a larger buffer. */
  function replace(line: string | Buffer, start: number): number {
    const content = Buffer.from(line)
    if (start + content.length + rowBytes > bytes.length) {
      bytes = Buffer.concat([bytes.subarray(0, start), Buffer.alloc(content.length + PAGE_BYTES)])
      view = viewOf(bytes)
    }
    content.copy(bytes, start)
    bytes[start + content.length] = LINE_END
    return start + content.length + 1
  }
}

/** What the version of a copy adds to its line, over as many of the line's last bytes. */
function suffixOf(fates: Fates, form: number, isCsv: boolean): { bytes: Buffer; over: number } {
  const end = isCsv ? '\n' : '}\n'
  const line = versioned(isCsv ? '' : '{}', fates.versionOf(form)!, isCsv)
  return { bytes: Buffer.from(`${isCsv ? line : line.slice(1)}\n`), over: end.length }
}

const viewOf = ({ buffer, byteOffset, byteLength }: Buffer) => new DataView(buffer, byteOffset, byteLength)
