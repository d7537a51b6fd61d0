import { afterAll, afterEach, beforeAll, vi } from 'vitest'
import { gcpTarget } from '../../src/adapters/gcp/target.ts'
import { targetContract } from '../../src/adapters/target.contract.ts'
import { type Peers, startPeers } from '../peers/peers.ts'
import { makeCloud } from './cloud.ts'

let peers: Peers
beforeAll(async () => void (peers = await startPeers()))
afterAll(() => peers?.stop())
afterEach(() => void vi.unstubAllEnvs())

targetContract({
  target: gcpTarget,
  async place() {
    const cloud = await makeCloud(peers, { stores: 3, products: 20, lines: 15, from: '2024-01-29', to: '2024-02-02' })
    // Only now: a client that is made by hand takes the address of the storage emulator for the whole base of its calls.
    for (const [name, value] of Object.entries(cloud.env)) vi.stubEnv(name, value)
    return cloud.config
  },
  idleMs: 2_000,
})
