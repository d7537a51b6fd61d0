import { describe, expect, test, vi } from 'vitest'
import { troubleNow } from '../../outages.ts'
import { isTransient, type RetryClock, redact, retrySite, within } from './retry.ts'

const MINUTE = 60_000
const BUSY = 'calls to a service fail: busy'
const busy = Object.assign(new Error('busy'), { code: 14 })

/** A clock that jumps to the next sleeper whenever everybody sleeps. */
function jumping(): RetryClock & { run(until: Promise<unknown>): Promise<void> } {
  let now = 0
  const sleepers: { at: number; wake: () => void }[] = []
  return {
    now: () => now,
    sleep: (ms) => new Promise<void>((wake) => void sleepers.push({ at: now + ms, wake })),
    async run(until) {
      let over = false
      until.then(
        () => (over = true),
        () => (over = true),
      )
      while (!over) {
        await new Promise(setImmediate)
        sleepers.sort((a, b) => a.at - b.at)
        const next = sleepers.shift()
        if (!next) continue
        now = Math.max(now, next.at)
        next.wake()
      }
    },
  }
}

describe('a place that calls a server which is down', () => {
  test.each([1, 8, 100])('retries 12 times in any minute and no more, with %i callers at once', async (callers) => {
    const clock = jumping()
    const site = retrySite('a service', { patienceMs: 15 * MINUTE }, clock)
    const retries: number[] = []
    const one = async () => {
      let first = true
      await site.run(async () => {
        if (!first) retries.push(clock.now())
        first = false
        throw busy
      }, isTransient)
    }
    const all = Promise.allSettled(Array.from({ length: callers }, one))
    await clock.run(all)
    expect((await all).every(({ status }) => status === 'rejected')).toBe(true)
    const most = Math.max(...retries.map((from) => retries.filter((at) => at >= from && at < from + MINUTE - 1).length))
    expect(most).toBeLessThanOrEqual(12)
    expect(retries.length).toBeGreaterThanOrEqual(callers === 1 ? 10 : 100)
  })

  test('gives up after seconds if no name can be resolved and nothing has answered yet', async () => {
    vi.resetModules()
    const fresh = await import('./retry.ts')
    const clock = jumping()
    const site = fresh.retrySite('a service', { patienceMs: 15 * MINUTE }, clock)
    const unresolved = Object.assign(new Error('getaddrinfo ENOTFOUND bigquery.googleapis.com'), { code: 'ENOTFOUND' })
    const failing = async () => {
      const begun = clock.now()
      const call = site.run(() => Promise.reject(unresolved), fresh.isTransient)
      await clock.run(call)
      await expect(call).rejects.toBe(unresolved)
      return clock.now() - begun
    }
    expect(await failing()).toBeLessThan(20_000)
    // After an answer, it is an outage, which passes.
    await site.run(async () => 'answer', fresh.isTransient)
    expect(await failing()).toBeGreaterThan(10 * MINUTE)
  })

  test('says why, as long as a call is retried', async () => {
    const clock = jumping()
    const site = retrySite('a service', { patienceMs: 15 * MINUTE }, clock)
    const seen: (string | undefined)[] = []
    let tries = 0
    const call = site.run(async () => {
      seen.push(troubleNow())
      if (++tries < 3) throw busy
    }, isTransient)
    await clock.run(call)
    expect([...seen, troubleNow()]).toEqual([undefined, BUSY, BUSY, undefined])
    await expect(site.run(() => Promise.reject(new Error('wrong')), isTransient)).rejects.toThrow('wrong')
    expect(troubleNow()).toBeUndefined()
  })

  test('says what it waits for when an answer is late', async () => {
    let answer = (_said: string) => {}
    const call = within(60_000, 'listing', new Promise<string>((resolve) => (answer = resolve)), 1)
    await vi.waitUntil(() => troubleNow() !== undefined)
    expect(troubleNow()).toBe('no answer yet while listing')
    answer('here')
    expect([await call, troubleNow()]).toEqual(['here', undefined])
  })

  test('retries no faster when each call fails once only, a thousand times', async () => {
    const clock = jumping()
    const site = retrySite('a service', { patienceMs: 15 * MINUTE }, clock)
    const retries: number[] = []
    const all = (async () => {
      for (let i = 0; i < 1000; i++) {
        let tries = 0
        await site.run(async () => {
          if (tries++ === 0) throw busy
          retries.push(clock.now())
        }, isTransient)
      }
    })()
    await clock.run(all)
    expect(retries).toHaveLength(1000)
    for (const [i, at] of retries.entries()) if (i >= 12) expect(at - retries[i - 12]).toBeGreaterThan(MINUTE - 1)
  })

  test('gives up when its patience is over, with the error that it got', async () => {
    const clock = jumping()
    const failed = retrySite('a service', { patienceMs: MINUTE }, clock).run(() => Promise.reject(busy), isTransient)
    await clock.run(failed)
    await expect(failed).rejects.toBe(busy)
    expect(clock.now()).toBeGreaterThan(MINUTE / 8)
    expect(clock.now()).toBeLessThanOrEqual(MINUTE)
  })
})

test.each([
  [{ code: 429 }, true],
  [{ code: 503 }, true],
  [{ code: 403, errors: [{ reason: 'rateLimitExceeded' }] }, true],
  [{ code: 'ECONNRESET' }, true],
  [{ code: 14 }, true],
  [{ code: 4 }, true],
  [{ code: 403, errors: [{ reason: 'accessDenied' }] }, false],
  [{ code: 401 }, false],
  [{ code: 16 }, false],
  [{ code: 7 }, false],
  [{ code: 3 }, false],
  [{ code: 404 }, false],
  [{ code: 412 }, false],
])('%j may be tried again: %s', (error, may) => {
  expect(isTransient(Object.assign(new Error('of a server'), error))).toBe(may)
})

test.each([
  ['{"access_token": "ya29x", "expires": 3}', '{"access_token": "<secret>", "expires": 3}'],
  ['{"body":"{\\"refresh_token\\":\\"1//x-y\\"}"}', '{"body":"{\\"refresh_token\\":\\"<secret>\\"}"}'],
  ['client_secret=abc&x=1', 'client_secret=<secret>'],
  ['Authorization: Bearer ya29.a-b_c.d', 'Authorization: Bearer <token>'],
  ['no secret: access denied to token bucket', 'no secret: access denied to token bucket'],
])('%s is told without its secret', (text, told) => {
  expect(redact(text)).toBe(told)
})
