import { expect, test } from 'vitest'
import { mostWithin } from '../peers/fault-proxy.ts'
import { CALLS_A_MINUTE, faultyCloud, MINUTE_MS, ok } from './faulty-cloud.ts'

const { faults, withHistory } = faultyCloud()
/** A gRPC status. */
const EXHAUSTED = { status: 8 }

test('while the warehouse stalls few messages are held, few calls are made, and no event is lost', async () => {
  const shop = await withHistory({ stores: 24, lines: 400 })
  await ok(shop.retail('stream --speed max --until 2024-01-15'))
  const from = faults.writes.calls.length
  faults.writes.fault(/AppendRows$|CreateWriteStream$/, EXHAUSTED)
  const loader = shop.start('load --duration 20s --json', { ...faults.env, RETAIL_EMULATOR_HASTE: '20' })
  const { code, stdout, stderr } = await loader.ended
  const ticks = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { waiting?: number })
  const most = Math.max(...ticks.map(({ waiting }) => waiting ?? 0))
  expect(most).toBeGreaterThan(10_000)
  expect(most).toBeLessThanOrEqual(2 * 20_000)
  const stalled = { ...faults.writes, calls: faults.writes.calls.slice(from) }
  expect(mostWithin(stalled, /CreateWriteStream$/, MINUTE_MS * 3)).toBeLessThanOrEqual(CALLS_A_MINUTE)
  expect([code, stderr]).toEqual([1, expect.stringContaining('No event is lost')])
  faults.heal()
  await ok(shop.retail('load'))
  await ok(shop.retail('verify'))
})
