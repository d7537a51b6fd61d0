import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { EventBatch } from './destination.ts'
import { readRecord, repeatsAfter, SavedPosition, type SentRecord, writtenRecord } from './saved-position.ts'

/** A stream: the seconds of its batches, and how it ends. */
const run = fc.record({
  batches: fc.array(fc.integer({ min: 1, max: 40 }), { maxLength: 12 }),
  ends: fc.constantFrom('clean', 'before the last batch is acknowledged', 'after it is'),
})

test('however streams are killed, the record names all that was sent again, and nothing after clean ends', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(run, { minLength: 1, maxLength: 6 }), async (runs) => {
      let kept: ReturnType<typeof writtenRecord> | undefined
      const sent: { from: number; to: number }[] = []
      let isClean = true
      for (const { batches, ends } of runs) {
        const saved = new SavedPosition(async (record: SentRecord) => void (kept = writtenRecord(record)))
        saved.restore(readRecord(kept))
        const begin = saved.position ?? 1_000
        let from = begin
        for (const [i, length] of batches.entries()) {
          const batch = { since: 1_000, from, to: from + length } as EventBatch
          await saved.begin(batch)
          from += length
          if (ends === 'before the last batch is acknowledged' && i === batches.length - 1) break
          await saved.acknowledge(batch)
        }
        if (ends === 'clean') await saved.flush()
        // As the next stream would find it.
        const found = readRecord(kept)
        const repeats = ends === 'clean' ? (found.repeats ?? []) : repeatsAfter(found)
        // What an earlier stream has sent, and this one again.
        const unnamed = sent.flatMap((before) => {
          const [first, end] = [Math.max(begin, before.from), Math.min(from, before.to)]
          const again = Array.from({ length: Math.max(0, end - first) }, (_, i) => first + i)
          return again.filter((second) => !repeats.some((each) => second >= each.from && second < each.to))
        })
        expect(unnamed).toEqual([])
        isClean &&= ends === 'clean'
        if (isClean) expect(repeats).toEqual([])
        sent.push({ from: begin, to: from })
      }
    }),
    { numRuns: 50 },
  )
})

test('a record of an older version has a position, and repeats nothing', () => {
  const record = readRecord({ since: '2024-01-01T00:00:00Z', position: '2024-01-02T00:00:00Z' })
  expect(record).toEqual({ since: 1_704_067_200, position: 1_704_153_600 })
})
