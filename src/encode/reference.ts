import { MOVEMENT_TYPES, type Movement } from '../simulator/batch.ts'
import type { IdWidths } from '../world/world.ts'
import { compactDay } from './ids.ts'
import { OWN_DIGITS, STRETCH } from './row-layout.ts'
import { digitsOf, wordsOf } from './words.ts'

/** What caused a movement: the sale line; the delivery; the count that opened the stock or found some gone. */
const KINDS = { opening: 'C', receipt: 'D', return: 'T', sale: 'T', shrink: 'C' } satisfies Record<
  keyof typeof Movement,
  string
>
const LETTERS = Uint8Array.from(MOVEMENT_TYPES, (type) => KINDS[type].charCodeAt(0))
const SALE_LINE = 'T'.charCodeAt(0)

/** Days since 1970 that ids can name. */
const DAYS = 47_500

/** Writes `T240131-0412-000123` or `D240131-0412`; `store` is the word that begins with the store's digits. Returns the end. */
export function referenceWriter({ store: storeDigits, number: digits, most }: IdWidths) {
  const days = new Float64Array(DAYS)
  const dayWord = (day: number) => (days[day] = wordsOf([`${compactDay(day)}-`]).words[0])
  const thousands = wordsOf(digitsOf(most / STRETCH, digits - OWN_DIGITS).map((each) => `-${each}`)).words
  const own = wordsOf(digitsOf(STRETCH, OWN_DIGITS)).words
  return (bytes: DataView, at: number, type: number, day: number, number: number, store: number): number => {
    const letter = LETTERS[type]
    bytes.setUint8(at, letter)
    bytes.setFloat64(at + 1, days[day] || dayWord(day), true)
    bytes.setFloat64(at + 8, store, true)
    at += 8 + storeDigits
    if (letter !== SALE_LINE) return at
    bytes.setFloat64(at, thousands[(number / STRETCH) | 0], true)
    at += 1 + digits - OWN_DIGITS
    bytes.setFloat64(at, own[number % STRETCH], true)
    return at + OWN_DIGITS
  }
}
