import type { IdWidths } from '../world/world.ts'
import { joinLiterals } from './literals.ts'
import { optionalWriter } from './optional.ts'
import { referenceWriter } from './reference.ts'
import type { Piece, Shared } from './row-layout.ts'
import { WORD, wordsOf } from './words.ts'

export interface RowWriter {
  /** Writes the rows [row, end) of a range at `at`; the first row has that number. Returns the end offset. */
  write(
    bytes: DataView,
    at: number,
    template: DataView,
    row: number,
    end: number,
    number: number,
    columns: object,
  ): number
  /** The shared values of a range are written into it before its rows. */
  template: Uint8Array
  shared: readonly { what: Shared; at: number; width: number }[]
  /** Maximum row length. Past its end, a row writes less than two words, which the next row overwrites. */
  rowBytes: number
}

/**
 * A function that writes rows of one layout. It is generated, so that every offset and width is a constant: a row is
 * then a straight line of 8-byte stores, each of which overwrites the excess of the one before.
 */
export function rowWriterFor(ids: IdWidths, pieces: readonly Piece[]): RowWriter {
  const tables: Record<string, unknown> = { writeWhole }
  const table = (value: unknown): string => {
    const name = `t${Object.keys(tables).length}`
    tables[name] = value
    return name
  }
  const shared: { what: Shared; at: number; width: number }[] = []
  const constants: string[] = []
  const body: string[] = []
  let template = ''
  let rowBytes = 0
  // How far the template has been stored, and the template offset of `p`: after the last text of variable width.
  let stored = 0
  let origin = 0
  const store = (at: number, word: string) => body.push(storeAt(at - origin, word))
  const storeTemplate = () => {
    for (; stored < template.length; stored += WORD) store(stored, constantAt(stored))
    stored = template.length
  }
  const constantAt = (at: number): string => {
    constants.push(`const k${at} = k.getFloat64(${at}, true)`)
    return `k${at}`
  }

  for (const piece of joinLiterals(pieces)) {
    if (piece.kind === 'text') template += piece.text
    else if (piece.kind === 'shared') {
      shared.push({ what: piece.what, at: template.length, width: piece.width })
      template += '0'.repeat(piece.width)
    } else if (piece.kind === 'fixed') {
      storeTemplate()
      const { words, stride } = wordsOf(piece.texts)
      const text = table(words)
      for (let i = 0; i < stride; i++) store(stored + i * WORD, `${text}[${wordIndex(piece.code, stride, i)}]`)
      template += '0'.repeat(piece.texts[0].length)
      stored = template.length
    } else {
      storeTemplate()
      body.push(advance(template.length - origin))
      origin = template.length
      rowBytes += longestOf(piece)
      body.push(...varyingCode(piece, table, ids))
    }
  }
  storeTemplate()
  body.push(advance(template.length - origin))

  const columns = new Set([...body.join().matchAll(/(\w+)\[row\]/g)].map(([, name]) => name))
  const storeDigits = shared.find(({ what }) => what === 'store')!.at
  const source = `return (b, p, k, row, end, number, { ${[...columns].join(', ')} }) => {
  const store = k.getFloat64(${storeDigits}, true)
  ${constants.join('\n  ')}
  for (; row < end; row++, number++) {
    ${body.join('\n    ')}
  }
  return p
}`
  return {
    write: new Function(...Object.keys(tables), source)(...Object.values(tables)),
    template: Buffer.concat([Buffer.from(template, 'latin1'), Buffer.alloc(WORD)]),
    shared,
    rowBytes: rowBytes + template.length,
  }
}

/** `| 0` keeps all bits that can be set; stating it saves range checks, a nanosecond per row. */
const storeAt = (offset: number, word: string): string => `b.setFloat64(p + ${offset} | 0, ${word}, true)`
const wordIndex = (code: string, stride: number, i: number): string =>
  stride === 1 ? code : `(${code}) * ${stride} + ${i}`
const advance = (by: number | string): string => `p = p + ${by} | 0`

type Varying = Exclude<Piece, { kind: 'text' | 'shared' | 'fixed' }>

function varyingCode(piece: Varying, table: (value: unknown) => string, ids: IdWidths): string[] {
  if (piece.kind === 'reference')
    return [`p = ${table(referenceWriter(ids, piece.letters, piece.numbered))}(b, p, ${piece.code}, store)`]
  if (piece.kind === 'optional') return [`p = ${table(optionalWriter(piece))}(b, p, ${piece.code})`]
  const { words, stride, lengths } = wordsOf(piece.kind === 'coded' ? piece.texts : usualTexts(piece))
  const [text, length] = [table(words), table(lengths)]
  const stores = Array.from({ length: stride }, (_, i) => storeAt(i * WORD, `${text}[${wordIndex('v', stride, i)}]`))
  const write = [...stores, advance(`${length}[v]`)].join('; ')
  if (piece.kind === 'coded') return [`{ const v = ${piece.code}; ${write} }`]
  const { least, most } = piece.usual
  return [
    `{ const v = ${piece.code} - ${least}; if (v >>> 0 <= ${most - least}) { ${write} }`,
    `else p = writeWhole(b, p, ${JSON.stringify(piece.prefix)}, v + ${least}) }`,
  ]
}

const usualTexts = ({ usual: { least, most }, prefix }: Piece & { kind: 'whole' }): string[] =>
  Array.from({ length: most - least + 1 }, (_, i) => `${prefix}${least + i}`)

function writeWhole(bytes: DataView, at: number, prefix: string, value: number): number {
  const text = `${prefix}${value}`
  for (let i = 0; i < text.length; i++) bytes.setUint8(at++, text.charCodeAt(i))
  return at
}

const INTEGER = '-2147483648'.length

function longestOf(piece: Varying): number {
  if (piece.kind === 'reference') return 2 * INTEGER + WORD
  if (piece.kind === 'optional') return piece.digits + WORD
  return piece.kind === 'coded' ? wordsOf(piece.texts).longest : piece.prefix.length + INTEGER
}
