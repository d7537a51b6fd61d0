import { EXPONENTIAL_BITS } from '../random/exponential.ts'
import { scramble } from '../random/rng.ts'
import { QUANTITY_BITS } from '../world/shelf.ts'

/** The bits of a random word that one decision reads: `width` of them, from bit `from` upward. */
export interface Draw {
  from: number
  width: number
  /** Number of equally likely outcomes; rates of calibration.ts are shares of this number. */
  outcomes: number
}

const bits = (from: number, width: number): Draw => ({ from, width, outcomes: 2 ** width })

/**
 * Every decision about a sale, by the word from which it is read. Decisions that read one word must not share a bit,
 * because shared bits correlate them or make them exclude each other. chance.test.ts enforces this.
 */
export const DRAWS = {
  /** One word per visit. */
  visit: {
    /** Heads in a row: the number of further lines, so that a visit has two on average. */
    lines: bits(0, 32 - EXPONENTIAL_BITS),
    /** Waiting time since the previous visit. */
    gap: bits(32 - EXPONENTIAL_BITS, EXPONENTIAL_BITS),
  },
  /** One word per line; the requested product takes a whole word of its own (random/alias.ts). */
  line: {
    quantity: bits(0, QUANTITY_BITS),
    /** Whether it is returned. */
    returned: bits(10, 14),
    /** Which complement of the previous product. */
    complement: bits(24, 3),
    /** Whether it is a complement. */
    complements: bits(27, 5),
  },
  /** A word derived from the line's if the shelf is empty. */
  substitution: {
    /** Whether the customer takes the neighbor. */
    accepted: bits(0, 10),
  },
  /** A word derived from the line's if stock has fallen to the reorder point. */
  order: {
    /** Whether the delivery is late. */
    late: bits(0, 10),
    /** Days in addition to the supplier's own. */
    wait: bits(32 - EXPONENTIAL_BITS, EXPONENTIAL_BITS),
  },
  /** A word derived from the line's if it is returned. */
  comeback: {
    second: bits(0, 12),
    hour: bits(12, 8),
    days: bits(32 - EXPONENTIAL_BITS, EXPONENTIAL_BITS),
  },
} as const

/** Reads a decision's outcome: 0 … outcomes − 1. */
export const read = (word: number, { from, outcomes }: Draw): number => (word >>> from) & (outcomes - 1)

/**
 * Like `read`, for a loop: source code in which the draw's numbers are constants. Reading them from the table costs 7 %
 * of a sale.
 */
export const readerOf = ({ from, outcomes }: Draw): ((word: number) => number) =>
  new Function('word', `return word >>> ${from} & ${outcomes - 1}`) as (word: number) => number

/** Number of heads before a coin's first tail, as leading zeros of the draw: 1 on average, at most its width. */
export const headsReaderOf = ({ from, width }: Draw): ((word: number) => number) =>
  new Function('word', `return Math.clz32(word << ${32 - from - width} | ${1 << (31 - width)})`) as (
    word: number,
  ) => number

/**
 * Words derived from a line's word, each with a constant of its own: rare decisions cost a draw only when they occur.
 */
export const substitutionWord = (line: number): number => scramble(line ^ 0x7ed55d16) >>> 0
export const orderWord = (line: number): number => scramble(line ^ 0x1b873593) >>> 0
export const comebackWord = (line: number): number => scramble(line ^ 0x3c6ef372) >>> 0
