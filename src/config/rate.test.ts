import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { eventsBy, formatRate, meanOf, parseRate, peakOf, type Rate, timeOf } from './rate.ts'

const amount = fc.integer({ min: 1, max: 1_000_000 })
const ms = fc.integer({ min: 1, max: 600_000 })
const rates: fc.Arbitrary<Rate> = fc.oneof(
  amount,
  fc.record({ from: fc.oneof(fc.constant(0), amount), to: amount, overMs: ms }),
  fc
    .record({ base: fc.oneof(fc.constant(0), amount), peak: amount, forMs: ms, more: ms })
    .map(({ more, ...rate }) => ({ ...rate, everyMs: rate.forMs + more })),
)

describe('a rate', () => {
  test.each([
    ['500', 500],
    ['0.5', 0.5],
    ['100k', 100_000],
    ['1M', 1_000_000],
    ['1e5', 100_000],
    ['2_500', 2_500],
    ['100..5000/10m', { from: 100, to: 5000, overMs: 600_000 }],
    ['0..1k/90s', { from: 0, to: 1000, overMs: 90_000 }],
    ['500+5000/10s/60s', { base: 500, peak: 5000, forMs: 10_000, everyMs: 60_000 }],
    ['0+1k/1s/1m', { base: 0, peak: 1000, forMs: 1000, everyMs: 60_000 }],
  ] satisfies [string, Rate][])('is written %s', (text, rate) => expect(parseRate(text)).toEqual(rate))

  test.each([
    ['0', /such as 500, 0\.5, 100k, a ramp .*, or bursts /],
    ['fast', /such as 500/],
    ['2e9', /such as 500/],
    ['100..x/10m', /in place of "x", as in 100\.\.5000\/10m/],
    ['100..5000/10', /like 10m in place of "10", as in 100\.\.5000\/10m/],
    ['100..5000', /a ramp like 100\.\.5000\/10m/],
    ['500+5000/10s', /bursts like 500\+5000\/10s\/60s/],
    ['500+/10s/60s', /in place of "", as in 500\+5000\/10s\/60s/],
    ['500+5000/10s/soon', /in place of "soon"/],
    ['500+5000/60s/60s', /shorter than 60s/],
  ])('is not %s, and the words say where', (text, problem) => {
    expect(parseRate(text)).toMatch(/^expected /)
    expect(parseRate(text)).toMatch(problem)
  })

  test('is read as it is written', () => {
    fc.assert(
      fc.property(rates, (rate) => {
        expect(parseRate(formatRate(rate))).toEqual(rate)
      }),
    )
  })

  test('of a ramp or of bursts is what adds up in small steps', () => {
    expect(eventsBy({ from: 100, to: 5000, overMs: 600_000 }, 600_000)).toBeCloseTo((2550 * 600_000) / 1000)
    expect(eventsBy({ from: 100, to: 5000, overMs: 600_000 }, 601_000)).toBeCloseTo(2550 * 600 + 5000)
    const bursts: Rate = { base: 500, peak: 5000, forMs: 10_000, everyMs: 60_000 }
    expect([10_000, 60_000, 65_000].map((at) => eventsBy(bursts, at))).toEqual([50_000, 75_000, 100_000])
    expect([meanOf(bursts), peakOf(bursts)]).toEqual([1250, 5000])
  })

  test('never takes an event back, keeps below its peak, and says when each is due', () => {
    fc.assert(
      fc.property(rates, ms, ms, (rate, at, more) => {
        const [before, after] = [eventsBy(rate, at), eventsBy(rate, at + more)]
        expect(after).toBeGreaterThanOrEqual(before)
        expect(after - before).toBeLessThanOrEqual((peakOf(rate) * more) / 1000 + 1e-3)
        const events = Math.floor(after)
        const due = timeOf(rate, events)
        expect(eventsBy(rate, due)).toBeGreaterThanOrEqual(events - 1e-3)
        if (due > 1) expect(eventsBy(rate, due - 1)).toBeLessThan(events + 1e-3)
      }),
    )
  })
})
