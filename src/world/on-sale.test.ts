import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { onSale } from './on-sale.ts'

test('whoever looks for what is not on sale finds the next product that is', () => {
  fc.assert(
    fc.property(
      fc
        .array(fc.constantFrom(0, 0.1), { minLength: 2, maxLength: 30 })
        .filter((share) => share.some((part) => part > 0)),
      (share) => {
        const complements = Uint16Array.from(share, (_, i) => (i * 7) % share.length)
        const { neighbors, complements: found } = onSale(Float64Array.from(share), complements)
        share.forEach((_, i) => {
          const after = share.findIndex((part, j) => j > i && part > 0)
          const before = share.findLastIndex((part, j) => j < i && part > 0)
          const next = after >= 0 ? after : before >= 0 ? before : i
          expect(neighbors[i]).toBe(next)
          expect(found[i]).toBe(share[complements[i]] > 0 ? complements[i] : neighbors[complements[i]])
        })
      },
    ),
  )
})
