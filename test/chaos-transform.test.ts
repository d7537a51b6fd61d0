import { readdirSync, rmSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import type { TransformResult } from '../src/pipeline/results.ts'
import { KILLED_WORLD, killer, SEED, verified } from './kills.ts'
import { inFile } from './small-warehouse.ts'
import { json, retail, workspace } from './tool.ts'

const KILLS = 12
const MARTS = [
  'daily_sales',
  'monthly_sales',
  'monthly_product_sales',
  'stock_on_hand',
  'monthly_stock',
  'stock_levels',
  'monthly_inventory',
]

/** What a longer history and a repair do between two kills. */
const EVENTS: Record<number, (folder: string) => Promise<void>> = {
  3: (folder) => ok(folder, 'backfill --to 2024-04-20'),
  7: async (folder) => {
    rmSync(path.join(folder, 'lake/inventories/month=2024-02', partOf(folder)))
    await ok(folder, 'repair')
  },
}

test(`marts are exact after ${KILLS} kills`, async () => {
  const { killed } = killer(2)
  const folder = workspace(KILLED_WORLD)
  for (const line of ['seed-dims', 'backfill', 'transform']) await ok(folder, line)
  for (let kills = 0; kills < KILLS; kills++) {
    await json(folder, 'stream --speed 3000 --duration 400ms')
    await EVENTS[kills]?.(folder)
    await killed(folder, 'transform', [300, 9_000])
    if (kills === KILLS / 2) await verified(folder)
  }
  await ok(folder, 'transform --full-tests')
  await verified(folder)
  const step = await cells(folder)
  expect(await json<TransformResult>(folder, 'transform')).toMatchObject({ code: 0, unchanged: true, published: true })
  expect(await json<TransformResult>(folder, 'transform --full-refresh')).toMatchObject({ code: 0, models: 15 })
  expect(await cells(folder), `seed ${SEED}`).toEqual(step)
})

async function ok(folder: string, line: string): Promise<void> {
  const { code, stderr } = await retail(folder, line)
  expect(code, `seed ${SEED}: ${stderr}`).toBe(0)
}

const partOf = (folder: string) => readdirSync(path.join(folder, 'lake/inventories/month=2024-02'))[0]

/** A sum over every cell of each mart that is built step by step, in no order. */
const cells = (folder: string) =>
  Promise.all(
    MARTS.map((name) =>
      inFile(path.join(folder, 'retail.duckdb'), true, [
        `SELECT count(*) AS n, sum(hash(t)) AS sum FROM marts.${name} t`,
      ]),
    ),
  )
