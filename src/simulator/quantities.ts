import { QUANTITY_BANDS, QUANTITY_MORE, QUANTITY_ONE } from '../world/calibration.ts'

/** Quantity by [band << 10 | ten random bits]: 1,024 equally likely entries a price band. */
export const QUANTITIES: Uint8Array = Uint8Array.from(
  QUANTITY_BANDS.flatMap((_, band) => {
    const one = QUANTITY_ONE[band]
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
