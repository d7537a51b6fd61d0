import fs from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { type LocalShop, localShop, makeHistory } from '../../../test/history.ts'
import { rowsOfDays, sha256, shopWorld } from '../../../test/worlds.ts'
import { simulateDays } from '../../simulator/block.ts'
import { ColumnBatch } from '../../simulator/column-batch.ts'
import { facts } from '../../tables/index.ts'
import { checkPart } from './block-task.ts'
import { stateAt } from './snapshots.ts'

const SHOP = { stores: 3, products: 40, lines: 20, from: '2024-01-20' }

async function bytesOf({ ports: { lake } }: LocalShop): Promise<Record<string, string>> {
  const { parts } = await lake.layout()
  return Object.fromEntries(
    await Promise.all(parts.map(async ({ key }) => [key, sha256(await lake.read(key))] as const)),
  )
}
function counts(done: readonly { how: string }[]): Record<string, number> {
  const n: Record<string, number> = {}
  for (const { how } of done) n[how] = (n[how] ?? 0) + 1
  return n
}

test('parts hold every row of their time, and say how many', async () => {
  const shop = localShop(SHOP)
  const done = await makeHistory(shop, '2024-03-05')
  const days = 12 + 29 + 5
  const rows = rowsOfDays(shop.world, days)
  const total = (table: string) => done.reduce((sum, part) => sum + (part.table === table ? part.rows : 0), 0)
  for (const { name } of facts) expect(total(name)).toBe(rows.facts[name].rows.n)
  expect(counts(done)).toEqual({ made: 3 * 3 * 2 })
})

test('made again, whole parts are kept and nothing is written', async () => {
  const shop = localShop(SHOP)
  await makeHistory(shop, '2024-02-29')
  const before = await bytesOf(shop)
  expect(counts(await makeHistory(shop, '2024-02-29'))).toEqual({ kept: 12 })
  expect(await bytesOf(shop)).toEqual(before)
})

test('a part that was cut, changed or lost is made again to the byte, alone', async () => {
  const shop = localShop(SHOP)
  await makeHistory(shop, '2024-02-29')
  const before = await bytesOf(shop)
  const file = (key: string) => path.join(shop.ports.lake.location, key)
  const [cut, changed, lost] = Object.keys(before).filter((_, i) => i % 5 === 0)
  fs.truncateSync(file(cut), 1000)
  const bytes = fs.readFileSync(file(changed))
  bytes[500] ^= 1
  fs.writeFileSync(file(changed), bytes)
  fs.rmSync(file(lost))
  const done = await makeHistory(shop, '2024-02-29')
  expect(counts(done)).toEqual({ kept: 9, remade: 2, made: 1 })
  expect(await bytesOf(shop)).toEqual(before)
})

test('history that grows leaves its whole months as they are', async () => {
  const [short, long] = [localShop(SHOP), localShop(SHOP)]
  await makeHistory(short, '2024-02-10')
  await makeHistory(long, '2024-03-31')
  const before = await bytesOf(short)
  await makeHistory(short, '2024-03-31')
  const after = await bytesOf(short)
  for (const [key, hash] of Object.entries(before)) expect(after[key]).toBe(hash)
  expect(after).toMatchObject(await bytesOf(long))
})

test('a part of another world is told from a damaged one', async () => {
  const shop = localShop(SHOP)
  const [part] = await makeHistory(shop, '2024-01-31')
  const other = shopWorld({ ...SHOP, seed: 43 })
  expect(await checkPart(other, shop.ports.lake, part.table, part.key)).toEqual({
    kind: 'foreign',
    why: `it belongs to another world (${shop.world.id})`,
  })
})

test('the state at the end of history is remembered, and equal to the one made from the beginning', async () => {
  const shop = localShop(SHOP)
  await makeHistory(shop, '2024-02-10')
  const { world, ports } = shop
  const hour = (world.from + 22) * 24
  const [block] = world.blocks
  const remembered = await stateAt(world, block, hour, ports.workspace)
  expect(remembered.hour).toBe(hour)
  const elsewhere = localShop(SHOP)
  const made = await stateAt(world, block, hour, elsewhere.ports.workspace)
  expect(made.hour).toBe(world.from * 24)
  simulateDays(world, made, hour / 24, new ColumnBatch(false))
  expect(made.state.save().equals(remembered.state.save())).toBe(true)
  expect((await stateAt(world, block, hour - 1, ports.workspace)).hour).toBe(world.from * 24)
})

test.each([
  ['transactions', 'before it'],
  ['transactions', 'in it'],
  ['inventories', 'before it'],
  ['inventories', 'in it'],
])('a failure at a part of %s, %s, is told, and leaves no part that lacks rows', async (table, when) => {
  const sound = localShop(SHOP)
  await makeHistory(sound, '2024-02-29')
  const whole = await bytesOf(sound)
  const shop = localShop(SHOP)
  const { lake } = shop.ports
  const fail = () => {
    throw new Error('no space left')
  }
  const commits: Promise<number>[] = []
  const full: typeof lake = {
    ...lake,
    draft(key) {
      const struck = key.includes(`${table}/`) && key.includes('2024-02')
      if (struck && when === 'before it') fail()
      const draft = lake.draft(key)
      const commit = () => {
        commits.push(draft.commit())
        return commits[commits.length - 1]
      }
      return { ...draft, commit, ...(struck && when === 'in it' && { write: fail }) }
    },
  }
  await expect(makeHistory({ ...shop, ports: { ...shop.ports, lake: full } }, '2024-02-29')).rejects.toThrow(
    'no space left',
  )
  await Promise.allSettled(commits)
  const temporary = path.join(lake.location, '.tmp')
  expect(fs.readdirSync(temporary)).toEqual([])
  const left = await bytesOf(shop)
  expect(Object.keys(left).length).toBeLessThan(Object.keys(whole).length)
  expect(whole).toMatchObject(left)
  await makeHistory(shop, '2024-02-29')
  expect(await bytesOf(shop)).toEqual(whole)
})
