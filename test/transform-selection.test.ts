import { expect, test } from 'vitest'
import type { TransformResult, VerifyResult } from '../src/pipeline/results.ts'
import { json, retail, start, workspace } from './tool.ts'

const PUBLISHED = '2024-01-11T00:00:00Z'

async function ok(folder: string, line: string): Promise<void> {
  const { code, stderr } = await retail(folder, line)
  expect(code, stderr).toBe(0)
}

async function verified(folder: string, live: string): Promise<void> {
  const result = await json<VerifyResult>(folder, 'verify')
  expect(result.differences).toEqual([])
  expect(result).toMatchObject({ code: 0, marts: { live } })
}

test('a selection is built at the instant of the other models, also after a transform that was killed', async () => {
  const folder = workspace({ stores: 3, products: 20, lines: 20, to: '2024-01-10' })
  for (const line of ['seed-dims', 'backfill', 'transform', 'stream --speed max --until 2024-01-12T06:00:00Z'])
    await ok(folder, line)

  const killed = start(folder, 'transform')
  killed.stderr!.on(
    'data',
    (text) => void (`${text}`.includes('OK created sql incremental model marts.daily_sales') && killed.kill('SIGKILL')),
  )
  expect(await killed.ended).toMatchObject({ signal: 'SIGKILL' })

  const part = await json<TransformResult>(folder, 'transform --select monthly_sales+ monthly_stock+')
  expect(part).toMatchObject({ code: 0, published: true, cut: { live: PUBLISHED } })
  expect(part.selected).toEqual([
    'monthly_inventory',
    'monthly_sales',
    'monthly_stock',
    'stock_levels',
    'stock_on_hand',
  ])
  await verified(folder, PUBLISHED)
  await ok(folder, 'transform -- --exclude daily_sales')
  await verified(folder, PUBLISHED)

  await ok(folder, 'transform')
  await verified(folder, '2024-01-12T06:00:00Z')
})
