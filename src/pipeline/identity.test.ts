import fs from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { freshFolder } from '../../test/front-door.ts'
import { type LocalShop, localShop, makeHistory } from '../../test/history.ts'
import { checkWorld, claimLake, identityOf } from './identity.ts'

const SHOP = { stores: 2, products: 20, lines: 5 }
const check = ({ ports, world, config }: LocalShop) => checkWorld(ports, world, config)

async function linesIn({ ports }: LocalShop): Promise<number> {
  await using reader = await ports.warehouse.reader()
  return Number((await reader.query('SELECT count(*) AS n FROM raw.transactions'))[0].n)
}

describe('a lake of another world', () => {
  test.each([
    ['seed', { seed: 43 }, 'seed is 42 there and 43 here'],
    ['size', { stores: 9 }, 'world.stores is 2 there and 9 here'],
    ['beginning', { from: '2024-01-02' }, 'history.from is 2024-01-01 there and 2024-01-02 here'],
    ['form', { schema: 'extended' as const }, 'world.schema is strict there and extended here'],
  ])('is refused, and what differs is said: its %s', async (_, change, why) => {
    const shop = localShop(SHOP)
    await claimLake(shop.ports, shop.world, shop.config)
    const other = localShop({ ...SHOP, ...change }, shop.config.workspace)
    await expect(check(other)).rejects.toMatchObject({ code: 'foreign_world', why })
    await expect(claimLake(other.ports, other.world, other.config)).rejects.toMatchObject({ code: 'foreign_world' })
    expect(await shop.ports.lake.identity()).toMatchObject({ world: shop.world.id })
  })

  test('made by another generator version is refused with both versions and how to go on', async () => {
    const shop = localShop(SHOP)
    const mine = identityOf(shop.world, shop.config)
    await shop.ports.lake.identify({ ...mine, world: '0'.repeat(16), generator: '2' })
    await expect(check(shop)).rejects.toMatchObject({
      code: 'foreign_world',
      why: `generator version is 2 there and ${mine.generator} here`,
      hint: 'use the release of retail that made it (generator version 2), or choose another folder with --workspace and generate its history with this one',
    })
  })

  test('is refused by its database too, when the lake is gone', async () => {
    const shop = localShop(SHOP)
    await makeHistory(shop, '2024-01-02')
    await shop.ports.warehouse.publish()
    fs.rmSync(shop.ports.lake.location, { recursive: true })
    await expect(check(localShop({ ...SHOP, seed: 43 }, shop.config.workspace))).rejects.toMatchObject({
      code: 'foreign_world',
      message: expect.stringContaining('retail.duckdb'),
    })
  })
})

test('a workspace that was moved finds its lake again at the next publish', async () => {
  const [here, there] = [freshFolder(), path.join(freshFolder(), "moved, with a [bracket] and a quote ' in it")]
  const shop = localShop(SHOP, path.join(here, 'shop'))
  await makeHistory(shop, '2024-01-02')
  await shop.ports.warehouse.publish()
  const lines = await linesIn(shop)
  expect(lines).toBeGreaterThan(0)
  fs.renameSync(path.join(here, 'shop'), there)
  const moved = localShop(SHOP, there)
  await expect(linesIn(moved)).rejects.toThrow('No files found')
  expect(await check(moved)).toMatchObject({ world: shop.world.id })
  // Reading does not change the public database; the next publish points raw at the lake's new place.
  await expect(linesIn(moved)).rejects.toThrow('No files found')
  await moved.ports.warehouse.publish()
  expect(await linesIn(moved)).toBe(lines)
})
