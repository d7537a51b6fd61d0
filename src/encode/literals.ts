import type { Piece } from './row-layout.ts'
import { WORD } from './words.ts'

/** The same row in fewer stores: constant text moves into the words of its neighbors, where they have room for it. */
export function joinLiterals(pieces: readonly Piece[]): Piece[] {
  const out: Piece[] = []
  let prefix = ''
  /** Characters since the last word of the row's own. */
  let since = 0
  for (const [i, piece] of pieces.entries()) {
    const last = out[out.length - 1]
    if (piece.kind === 'text') {
      let { text } = piece
      if (last?.kind === 'fixed') {
        const more = text.slice(0, roomBehind(last.texts[0]))
        out[out.length - 1] = { ...last, texts: last.texts.map((each) => each + more) }
        text = text.slice(more.length)
      }
      const inLastStore = (since + text.length) % WORD || WORD
      if (inLastStore <= Math.min(text.length, roomBefore(pieces[i + 1]))) {
        prefix = text.slice(-inLastStore)
        text = text.slice(0, -inLastStore)
      }
      if (text) out.push({ kind: 'text', text })
      since += text.length
    } else {
      if (piece.kind === 'coded') out.push({ ...piece, texts: piece.texts.map((each) => prefix + each) })
      else if (piece.kind === 'whole') out.push({ ...piece, prefix })
      else out.push(piece)
      prefix = ''
      since = piece.kind === 'shared' ? since + piece.width : 0
    }
  }
  return out
}

/** Characters that fit after a text into its last word. */
const roomBehind = (text: string): number => (WORD - (text.length % WORD)) % WORD

/** Characters that fit into the word of a piece before its longest text. */
function roomBefore(piece: Piece | undefined): number {
  if (piece?.kind === 'coded') return WORD - piece.texts.reduce((longest, { length }) => Math.max(longest, length), 0)
  if (piece?.kind === 'whole')
    return WORD - Math.max(...[piece.usual.least, piece.usual.most].map((n) => `${n}`.length))
  return 0
}
