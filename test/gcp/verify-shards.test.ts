import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { faultyCloud, ok } from './faulty-cloud.ts'

const { withHistory } = faultyCloud()

interface Verdict {
  seconds: number
  checks: { name: string; ok: boolean; seconds: number }[]
}

test('shards that stream, one of them killed, read a bucket, and a merge that asks BigQuery, give the verdict of one verify', async () => {
  const shop = await withHistory()
  const line = (shard: string) => `stream --shard ${shard} --speed max --until 2024-01-13`
  const killed = shop.start(line('2/2'))
  const position = shop.storage.bucket(shop.names.bucket).file('state/position-2-of-2.json')
  while (killed.exitCode === null && !(await position.exists())[0]) await sleep(5)
  killed.kill('SIGKILL')
  await killed.ended
  await ok(shop.retail(line('1/2')))
  const seen = await shop.retail('status')
  expect(seen.stdout).toContain(
    '2 shards, the slowest, 2/2 is at 2024-01-11T00:00:00Z; the fastest, 1/2 is at 2024-01-13T00:00:00Z',
  )
  await ok(shop.retail('load'))
  expect(await shop.json('verify')).toMatchObject({ code: 0, ok: true, raw: { live: '2024-01-11T00:00:00Z' } })
  await ok(shop.retail(line('2/2')))
  await ok(shop.retail('load'))
  const verdict = async (line: string) => {
    const { seconds: _, ...found } = await shop.json<Verdict & { billedBytes: number }>(line)
    return { ...found, checks: found.checks.map((check) => ({ ...check, seconds: 0 })) }
  }
  const measureAll = async () => {
    for (const shard of ['1/2', '2/2'])
      expect(await shop.json(`verify --shard ${shard}`)).toMatchObject({ code: 0, shard, measured: false })
  }
  await measureAll()
  expect(await verdict('verify --merge')).toEqual(await verdict('verify'))

  const bucket = shop.storage.bucket(shop.names.bucket)
  const [parts] = await bucket.getFiles({ prefix: 'lake/transactions/month=' })
  const [bytes] = await parts[0].download()
  bytes[bytes.length >> 1] ^= 1
  await parts[0].save(bytes, { resumable: false })
  await shop.query("UPDATE raw.transactions SET quantity = quantity + 1 WHERE store_id = 'S0002'")
  const unaware = await verdict('verify --merge')
  expect(unaware.checks.filter((check) => !check.ok).map(({ name }) => name)).toEqual(['transactions'])
  await measureAll()
  const [merged, single] = [await verdict('verify --merge'), await verdict('verify')]
  expect(merged).toEqual(single)
  expect(single.checks.filter((check) => !check.ok).map(({ name }) => name)).toEqual(['files', 'transactions'])

  await ok(shop.retail('stream --speed max --until 2024-01-14'))
  await ok(shop.retail('load'))
  const stale = await shop.retail('verify --merge')
  expect([stale.code, stale.stderr]).toEqual([3, expect.stringContaining('retail verify --shard 1/2')])
})
