import { afterAll, afterEach, beforeAll, expect } from 'vitest'
import { type FaultyPeers, faultyPeers } from '../peers/fault-proxy.ts'
import { type Peers, startPeers } from '../peers/peers.ts'
import { type Cloud, makeCloud } from './cloud.ts'

/** A minute takes a second here. */
const HASTE = '60'
export const MINUTE_MS = 1_000
/** The first calls of all workers and tables at once, and twelve retries. */
export const CALLS_A_MINUTE = 12 + 8

/** A project whose servers fail as a test says. */
export type FaultyShop = Cloud & { through(line: string): ReturnType<Cloud['retail']> }

/** Emulators behind proxies that make calls fail. Each test begins without faults. */
export function faultyCloud() {
  let peers: Peers
  const at = {} as FaultyPeers
  beforeAll(async () => {
    peers = await startPeers()
    Object.assign(at, await faultyPeers(peers))
  })
  afterAll(async () => {
    await at.stop?.()
    await peers?.stop()
  })
  afterEach(() => at.heal())

  async function openShop(world = {}): Promise<FaultyShop> {
    const cloud = await makeCloud(peers, { stores: 6, products: 40, lines: 20, to: '2024-01-10', ...world })
    return { ...cloud, through: (line) => cloud.retail(line, { ...at.env, RETAIL_EMULATOR_HASTE: HASTE }) }
  }

  async function withHistory(world = {}): Promise<FaultyShop> {
    const shop = await openShop(world)
    for (const line of ['seed-dims', 'backfill']) await ok(shop.retail(line))
    return shop
  }
  return { faults: at, openShop, withHistory }
}

export async function ok(run: ReturnType<Cloud['retail']>): Promise<string> {
  const { code, stderr, stdout } = await run
  expect(code, stderr).toBe(0)
  return stdout
}
