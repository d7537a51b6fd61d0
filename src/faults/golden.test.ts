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
  mild: ['56b5e2abcfc6f0e9 918c1300258f3d55 fbea4bdc97c36e15', '8374e93ee6cdc3d6 a6b33e76b3a18ad1 b08ecfabb8be2473'],
  rough: ['8093e8ad09c3371b 888fcba61afffba5 d072100a781d9bc6', 'cc5ca385beda8f94 facc8027a95ac6fb 6726eb31905132f3'],
  hostile: ['a81aa9282313d377 84940c91b536ba77 86ea195473ec4534', '49374f509481e92b a2475a1ea6e763ad 99c11d21fa8c9c8d'],
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
