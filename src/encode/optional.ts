import { HEAD_ROWS, OWN_DIGITS } from './row-layout.ts'
import { digitsOf, wordsOf } from './words.ts'

/** Writes `C004711`, and nothing for number 0; in JSON `"C004711"` and `null`. Returns the end offset. */
export function optionalWriter({ letter, digits, json }: { letter: string; digits: number; json: boolean }) {
  const quote = json ? '"' : ''
  const high = digits - OWN_DIGITS
  const heads = wordsOf(digitsOf(10 ** high, high).map((each) => quote + letter + each))
  const tails = wordsOf(digitsOf(HEAD_ROWS, OWN_DIGITS).map((each) => each + quote))
  if (heads.stride !== 1 || tails.stride !== 1) throw new RangeError(`${digits} digits do not fit into two words`)
  const [head, tail] = [quote.length + letter.length + high, OWN_DIGITS + quote.length]
  const none = wordsOf([json ? 'null' : '']).words[0]
  const noneBytes = json ? 'null'.length : 0
  return (bytes: DataView, at: number, number: number): number => {
    if (number === 0) {
      bytes.setFloat64(at, none, true)
      return at + noneBytes
    }
    bytes.setFloat64(at, heads.words[(number / HEAD_ROWS) | 0], true)
    bytes.setFloat64(at + head, tails.words[number % HEAD_ROWS], true)
    return at + head + tail
  }
}
