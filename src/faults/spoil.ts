import type { Malformation } from '../config/fault-kinds.ts'
import { keyOf, type Table } from '../tables/index.ts'

/** A consumer may accept these, because reading them needs no guess. */
export const READABLE: readonly Malformation[] = ['number-as-text', 'oversized', 'nested']

/** Bytes of the note in an oversized event. */
const NOTE_BYTES = 1 << 16

/** Replaces the value of a column in a line of JSON. */
const withValue = (line: string, column: string, to: (value: string) => string): string =>
  line.replace(new RegExp(`("${column}":)("[^"]*"|[^,}]*)`), (_, name, value) => name + to(value))

/** An event's JSON, made invalid. `choose` returns a number below its argument. */
export function spoil(
  line: string,
  form: Malformation,
  table: Table,
  /** What the line calls a column. */
  nameOf: (column: string) => string,
  choose: (below: number) => number,
): string | Buffer {
  const columns = Object.entries(table.columns)
  const number = nameOf(columns.find(([, { type }]) => type === 'int')![0])
  const member = nameOf(columns.find(([, { references }]) => references !== undefined)![0])
  switch (form) {
    case 'cut':
      return line.slice(0, 10 + choose(line.length - 20))
    case 'wrong-type':
      return withValue(line, number, (value) => `[${value}]`)
    case 'number-as-text':
      return withValue(line, number, (value) => `"${value}"`)
    case 'missing':
      return line.replace(new RegExp(`"${number}":[^,}]*,`), '')
    case 'null-key':
      return withValue(line, keyOf(table), () => 'null')
    case 'unknown-product':
      return withValue(line, member, (value) => `"X${value.slice(2)}`)
    case 'impossible':
      return withValue(line, number, () => '999999999999')
    case 'not-utf8':
      return Buffer.concat([
        Buffer.from(line.slice(0, 20)),
        Buffer.from([0xff, 0xfe, 0xc3]),
        Buffer.from(line.slice(20)),
      ])
    case 'oversized':
      return `${line.slice(0, -1)},"note":"${'x'.repeat(NOTE_BYTES)}"}`
    case 'empty':
      return ''
    case 'nested':
      return `{"payload":${line}}`
  }
}
