/**
 * The data of each carried product that a sale reads: two adjacent words, because memory latency dominates the loop.
 * The product and the probability of a return; the row of the quantity table for its price band, and its price of the
 * week.
 */
export const SHELF_WORDS = 2
const LOW = 0xffff

export const productWord = (product: number, returned: number): number => product | (returned << 16)
export const productOn = (word: number): number => word & LOW
/** Probability that a line is returned, out of as many as DRAWS.line.returned has outcomes. */
export const returnedOn = (word: number): number => word >>> 16

/** Bits of the index in QUANTITIES below the price band. */
export const QUANTITY_BITS = 10
export const priceWord = (band: number, price: number): number => (band << QUANTITY_BITS) | (price << 16)
/** First entry of the band in QUANTITIES. */
export const quantitiesOn = (word: number): number => word & LOW
/** Code in products.prices. */
export const priceOn = (word: number): number => word >>> 16
