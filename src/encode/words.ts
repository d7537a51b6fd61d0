/**
 * Text that is stored eight characters at a time: a DataView writes a double at any offset in one instruction, and
 * ASCII can never form a NaN, so the bits arrive unchanged.
 */
export interface Words {
  /** Text i starts at word i × stride; the rest of its words is zeros. */
  words: Float64Array
  stride: number
  lengths: Uint8Array
  longest: number
}

export const WORD = 8

export function wordsOf(texts: readonly string[]): Words {
  const lengths = Uint8Array.from(texts, (text) => text.length)
  const longest = lengths.reduce((a, b) => Math.max(a, b), 1)
  const stride = Math.ceil(longest / WORD)
  const words = new Float64Array(texts.length * stride)
  const bytes = Buffer.from(words.buffer)
  texts.forEach((text, i) => void bytes.write(text, i * stride * WORD, 'latin1'))
  return { words, stride, lengths, longest }
}

/** The numbers 0, 1, … as texts of one width. */
export const digitsOf = (count: number, width: number): string[] =>
  Array.from({ length: count }, (_, n) => String(n).padStart(width, '0'))

/** Writes the last `width` digits of a number. */
export function writeDigits(bytes: Uint8Array, at: number, width: number, value: number): void {
  for (let i = at + width - 1; i >= at; i--) {
    const rest = (value / 10) | 0
    bytes[i] = 48 + value - rest * 10
    value = rest
  }
}
