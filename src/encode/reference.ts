import type { IdWidths } from '../world/world.ts'
import { compactDay } from './ids.ts'
import { HEAD_ROWS, OWN_DIGITS } from './row-layout.ts'
import { digitsOf, wordsOf } from './words.ts'

/** Days since 1970 that ids can represent. */
const DAYS = 47_500

/**
 * Writes `T240131-0412-000123` or `D240131-0412`; `store` is the word that starts with the store's digits. Returns the
 * end offset.
 */
export function referenceWriter(
  { store: storeDigits, number: digits, most }: IdWidths,
  names: readonly string[],
  numbered: string,
) {
  const letters = Uint8Array.from(names, (letter) => letter.charCodeAt(0))
  const saleLine = numbered.charCodeAt(0)
  const days = new Float64Array(DAYS)
  const dayWord = (day: number) => (days[day] = wordsOf([`${compactDay(day)}-`]).words[0])
  const thousands = wordsOf(digitsOf(most / HEAD_ROWS, digits - OWN_DIGITS).map((each) => `-${each}`)).words
  const own = wordsOf(digitsOf(HEAD_ROWS, OWN_DIGITS)).words
  return (bytes: DataView, at: number, type: number, day: number, number: number, store: number): number => {
    const letter = letters[type]
    bytes.setUint8(at, letter)
    bytes.setFloat64(at + 1, days[day] || dayWord(day), true)
    bytes.setFloat64(at + 8, store, true)
    at += 8 + storeDigits
    if (letter !== saleLine) return at
    bytes.setFloat64(at, thousands[(number / HEAD_ROWS) | 0], true)
    at += 1 + digits - OWN_DIGITS
    bytes.setFloat64(at, own[number % HEAD_ROWS], true)
    return at + OWN_DIGITS
  }
}
