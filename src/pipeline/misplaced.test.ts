import fs from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { localShop, makeHistory } from '../../test/history.ts'
import { misplacedIn } from './misplaced.ts'

test('parts with right names are known by their ends; only one with another content is read whole', async () => {
  const shop = localShop({ stores: 2, products: 20, lines: 5 })
  await makeHistory(shop, '2024-01-20')
  const { lake } = shop.ports
  const read: string[] = []
  const counted = {
    ...lake,
    read: async (key: string) => {
      read.push(key)
      return await lake.read(key)
    },
  }
  // As after a shard, whose parts are not published.
  const look = async () =>
    await misplacedIn({ lake: counted }, shop.world, await lake.layout(), { published: undefined, quick: true })
  expect(await look()).toEqual([])
  expect(read).toEqual([])

  const [part] = (await lake.layout()).parts
  const copy = part.key.replace('through-20', 'through-25')
  fs.copyFileSync(path.join(lake.location, part.key), path.join(lake.location, copy))
  expect(await look()).toMatchObject([{ key: copy }])
  expect(read).toEqual([copy])
})
