import fc from 'fast-check'
import { expect, onTestFinished, test, vi } from 'vitest'
import { buildLease, LEASE_MS, type Lease, type LeaseState, leaseHolder, RENEW_MS, SKEW_MS } from './build-lease.ts'
import type { Document } from './state.ts'

/** A document in memory. Like an object of a bucket, it is replaced only by whoever has read its newest version. */
function memoryDocument(): Document<LeaseState> {
  let stored: { value: LeaseState; generation: string } | undefined
  let writes = 0
  return {
    async read() {
      await Promise.resolve()
      return stored && structuredClone(stored)
    },
    async write(value, generation) {
      await Promise.resolve()
      if ((stored?.generation ?? 0) !== generation) return undefined
      stored = { value: structuredClone(value), generation: String(++writes) }
      return stored.generation
    },
  }
}

const minutes = (n: number) => n * 60_000

test('of processes that come, pause, renew, end, and die, two never build at the same time', async () => {
  vi.useFakeTimers()
  onTestFinished(() => void vi.useRealTimers())
  const step = fc.record({
    who: fc.nat(2),
    does: fc.constantFrom('acquire', 'acquire', 'renew', 'end', 'die', 'wait'),
    ms: fc.constantFrom(10_000, RENEW_MS, LEASE_MS - 10_000, LEASE_MS),
  })
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { maxLength: 40 }),
      fc.array(fc.integer({ min: -29, max: 29 }), { minLength: 3, maxLength: 3 }),
      async (steps, skews) => {
        const document = memoryDocument()
        let clock = minutes(1000)
        // The clocks of two machines differ by less than a minute.
        const nowOf = (who: number) => () => clock + skews[who] * 1000
        const building = new Map<number, { lease: Lease; until: number }>()
        for (const { who, does, ms } of steps) {
          const mine = building.get(who)
          if (does === 'wait') clock += ms
          else if (does === 'acquire' && !mine) {
            const lease = await buildLease(document, { holder: `h${who}`, now: nowOf(who) }).catch((error) => {
              expect(error.code).toBe('busy')
            })
            if (lease) building.set(who, { lease, until: nowOf(who)() + LEASE_MS })
          } else if (mine && does === 'renew') {
            const until = await mine.lease.renew().catch(() => undefined)
            if (until === undefined) building.delete(who)
            else mine.until = until
          } else if (mine && (does === 'end' || does === 'die')) {
            if (does === 'end') await mine.lease[Symbol.asyncDispose]()
            building.delete(who)
          }
          // What the script of a publish checks, by BigQuery's clock.
          const could = [...building.values()].filter(({ until }) => clock < until)
          expect(could.length).toBeLessThan(2)
        }
      },
    ),
    { numRuns: 2000 },
  )
})

test('another machine is refused with the time when it can build, also while nobody renews', async () => {
  const document = memoryDocument()
  let clock = Date.UTC(2024, 0, 1, 14)
  const now = () => clock
  const dead = await buildLease(document, { holder: 'a', now })
  await expect(buildLease(document, { holder: 'b', now })).rejects.toMatchObject({
    code: 'busy',
    message: expect.stringMatching(/another transform is building the marts: on \S+, since 2024-01-01T14:00Z/),
    hint: expect.stringContaining('after 2024-01-01T14:07Z'),
  })
  clock += LEASE_MS + SKEW_MS
  await using next = await buildLease(document, { holder: 'b', now })
  await expect(dead.renew()).rejects.toMatchObject({ code: 'busy' })
  expect(dead.lost.aborted).toBe(true)
  await dead[Symbol.asyncDispose]()
  expect(await next.renew()).toBe(clock + LEASE_MS)
})

test('of two that come at once, one is refused', async () => {
  const document = memoryDocument()
  const both = await Promise.allSettled(['a', 'b'].map((holder) => buildLease(document, { holder })))
  expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
})

test('a process of the same workspace takes over at once from one that was killed, and a free build is taken', async () => {
  const document = memoryDocument()
  await buildLease(document, { holder: 'a' })
  const second = await buildLease(document, { holder: 'a' })
  await second[Symbol.asyncDispose]()
  await using _other = await buildLease(document, { holder: 'b' })
})

test('a holder is one workspace on one machine; on Cloud Run, one execution', () => {
  const run = (name: string) => leaseHolder('/w/.retail', { CLOUD_RUN_EXECUTION: name })
  expect(leaseHolder('/w/.retail', {})).toBe(leaseHolder('/w/.retail', {}))
  expect(new Set([leaseHolder('/w/.retail', {}), leaseHolder('/v/.retail', {}), run('x'), run('y')]).size).toBe(4)
})
