import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { received } from '../../test/grade/consumers.ts'
import { shopWorld } from '../../test/worlds.ts'
import { digestOf, loadProfile } from '../config/faults.ts'
import { beginBlock } from '../simulator/block.ts'
import { facts } from '../tables/index.ts'
import { SECONDS_PER_DAY } from '../time.ts'
import { answersOf } from './answer-key.ts'
import { Fates } from './fates.ts'

const DAYS = 3
/** By profile, without and with drift: its digest, what is sent, and the answer key. */
const GOLDEN: Record<string, string[]> = {
  mild: ['56b5e2abcfc6f0e9 214f674d2c23bd1d 60305c6773e1a696', '8374e93ee6cdc3d6 96be96e6e12e48aa 66e5fdb9b00de029'],
  rough: ['8093e8ad09c3371b 8b270f927cd3c0b3 d286bc2f13493078', 'cc5ca385beda8f94 eb1dc61a984e4639 63691a8bc35c15b5'],
  hostile: ['a81aa9282313d377 396eabadd256ba27 e2d241af48e1e8ca', '49374f509481e92b c393806a2fa6d331 ab23e84f405764d7'],
}

/** What a profile has sent once, it sends forever: a change of these values makes new faults of an old profile. */
test.each(Object.keys(GOLDEN))('the bytes and the key of %s stay the same', async (name) => {
  const world = shopWorld({ stores: 6, products: 60, lines: 60, from: '2024-03-07' })
  const profile = loadProfile(name)
  const drift = [
    { at: (world.from + 1) * SECONDS_PER_DAY, table: 'transactions', add: 'channel' },
    { at: (world.from + 2) * SECONDS_PER_DAY, table: 'inventories', widen: 'quantity_change' },
  ]
  const sums = []
  for (const faults of [profile, { ...profile, drift }]) {
    const sent = createHash('sha256')
    const key = createHash('sha256')
    const fates = new Fates(faults, world.seed)
    for (const { name: table } of facts) {
      for (const form of ['event', 'ndjson'] as const)
        for (const { at, body } of await received(
          world,
          faults,
          table,
          (world.from + DAYS) * SECONDS_PER_DAY,
          undefined,
          form,
        ))
          sent.update(`${at} `).update(body)
      const cursors = world.blocks.map((block) => beginBlock(world, block))
      for (const answer of answersOf(world, fates, table, cursors, world.from, world.from + DAYS))
        key.update(JSON.stringify(answer))
    }
    sums.push([digestOf(faults), ...[sent, key].map((hash) => hash.digest('hex').slice(0, 16))].join(' '))
  }
  expect(sums).toEqual(GOLDEN[name])
})
