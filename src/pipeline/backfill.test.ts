import { expect, test } from 'vitest'
import { type LocalShop, localShop, makeHistory } from '../../test/history.ts'
import { sha256 } from '../../test/worlds.ts'
import { parseDay } from '../time.ts'
import { type BackfillOptions, backfill } from './backfill.ts'

const SHOP = { stores: 9, products: 60, lines: 30, from: '2024-01-20' }
const LAST = '2024-02-20'

async function bytesOf({ ports: { lake } }: LocalShop): Promise<Record<string, string>> {
  const { parts } = await lake.layout()
  return Object.fromEntries(
    await Promise.all(parts.map(async ({ key }) => [key, sha256(await lake.read(key))] as const)),
  )
}
const to = (day: string) => parseDay(day)!

test.each<[string, BackfillOptions[]]>([
  ['one worker', [{ workers: 1, to: to(LAST) }]],
  ['three workers', [{ workers: 3, to: to(LAST) }]],
  ['two shards', [0, 1].map((index) => ({ workers: 1, to: to(LAST), shard: { index, count: 2 } }))],
  ['a run cut in two', ['2024-01-31', LAST].map((day) => ({ workers: 2, to: to(day) }))],
])('%s leave the same bytes', async (_, runs) => {
  const [shop, reference] = [localShop(SHOP), localShop(SHOP)]
  await makeHistory(reference, LAST)
  const results = []
  for (const options of runs) results.push(await backfill(shop.ports, shop.config, options))
  expect(await bytesOf(shop)).toEqual(await bytesOf(reference))
  expect(results[results.length - 1].complete).toBe(true)
  expect(await shop.ports.warehouse.published()).toMatchObject({ raw: { history: (to(LAST) + 1) * 86_400 } })
})

test('a backfill that was told to stop at once makes nothing, says so, and goes on later', async () => {
  const shop = localShop(SHOP)
  const period = { workers: 1, to: to(LAST) }
  expect(await backfill(shop.ports, shop.config, { ...period, signal: AbortSignal.abort() })).toMatchObject({
    complete: false,
    parts: { made: 0 },
  })
  const months = new Set<string>()
  const onProgress = ({ month }: { month: string }) => months.add(month)
  expect(await backfill(shop.ports, shop.config, { ...period, onProgress })).toMatchObject({
    ...{ complete: true, parts: { kept: 0 } },
  })
  expect([...months].sort()).toEqual(['2024-01', '2024-02'])
})
