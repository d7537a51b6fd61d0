import { afterAll, beforeAll, expect, test } from 'vitest'
import { type OwnPeers, startOwnPeers } from '../peers/peers.ts'

let peers: OwnPeers
beforeAll(async () => void (peers = await startOwnPeers()))
afterAll(() => peers?.stop())

const storage = async () => (await fetch(`${peers.env.STORAGE_EMULATOR_HOST}/storage/v1/b?project=x`)).status

test('a server that was killed answers no more, and answers again when it is started', async () => {
  expect(await storage()).toBe(200)
  await peers.kill('storage')
  await expect(storage()).rejects.toThrow('fetch failed')
  await peers.start('storage')
  expect(await storage()).toBe(200)
})
