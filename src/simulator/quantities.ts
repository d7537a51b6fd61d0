import { QUANTITY_MORE, QUANTITY_ONE } from '../world/calibration.ts'

/**
 * Quantity by price band and DRAWS.line.quantity (world/shelf.ts has the index): 1,024 equally likely entries per band.
 */
export const QUANTITIES: Uint8Array = Uint8Array.from(
  QUANTITY_ONE.flatMap((one) => {
    const shares = [one, ...QUANTITY_MORE.map((share) => share * (1 - one))]
    const entries: number[] = []
    let cumulative = 0
    shares.forEach((share, i) => {
      cumulative += share
      while (entries.length < Math.round(cumulative * 1024) && entries.length < 1024) entries.push(i + 1)
    })
    while (entries.length < 1024) entries.push(shares.length)
    return entries
  }),
)
