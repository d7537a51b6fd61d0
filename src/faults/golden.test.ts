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
  mild: ['56b5e2abcfc6f0e9 d204adac5381d768 a69c1fe0af27cd14', '8374e93ee6cdc3d6 3f3a163e9e0ea9bd 42f407cc7cd1c6df'],
  rough: ['8093e8ad09c3371b b2472d90fbda9e90 5686088751391049', 'cc5ca385beda8f94 53d34008ddd83fa6 809e44648a4a6049'],
  hostile: ['a81aa9282313d377 c95e6249339cd0a1 300139dc0d4915cf', '49374f509481e92b 0165a60b8a4215d5 d56b22ce695f31d8'],
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
