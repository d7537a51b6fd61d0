import { ln } from './math.ts'

export const EXPONENTIAL_BITS = 12
export const EXPONENTIAL_TAIL = 2 ** EXPONENTIAL_BITS - 1

/**
 * Quantiles of the exponential distribution with mean 1. Index = 12 random bits. The last entry stands for the whole
 * tail: add it and draw again (the distribution is memoryless), so no draw needs a logarithm.
 */
export const EXPONENTIALS: Float64Array = Float64Array.from({ length: EXPONENTIAL_TAIL + 1 }, (_, i) =>
  i === EXPONENTIAL_TAIL ? ln(EXPONENTIAL_TAIL + 1) : -ln(1 - (i + 0.5) / (EXPONENTIAL_TAIL + 1)),
)
