import { appendFileSync, truncateSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { type LocalShop, localShop, makeHistory, openBuild } from '../../../test/history.ts'
import { seedDims } from '../../pipeline/seed-dims.ts'
import type { Build } from '../../ports/index.ts'
import { openDatabase } from './duckdb.ts'

async function shopWithHistory(): Promise<LocalShop> {
  const shop = localShop({ stores: 1, products: 10, lines: 5 })
  await seedDims(shop.ports, shop.config, {})
  await makeHistory(shop, '2024-01-05')
  await shop.ports.warehouse.publish()
  return shop
}

const a = (begins: boolean) => ({ run: { id: 'a', begins } })

async function run(build: Build, sql: string): Promise<void> {
  await using database = await openDatabase(build.env.RETAIL_DATABASE)
  await database.run(sql)
}

test('what a command of a run does not keep is gone for the next one, as if it had not run', async () => {
  const shop = await shopWithHistory()
  {
    await using first = await openBuild(shop.ports, a(true))
    await run(first, 'CREATE TABLE marts.answer AS SELECT 1 AS n')
    await first.run!.keep({ step: 1 })
  }
  for (const keep of [false, false, true]) {
    await using build = await openBuild(shop.ports, a(false))
    expect(build.run).toMatchObject({ kept: { step: 1 }, over: false })
    await run(build, 'INSERT INTO marts.answer SELECT n + 1 FROM marts.answer')
    if (keep) await build.run!.keep({ step: 2 })
  }
  {
    await using last = await openBuild(shop.ports, a(false))
    expect(last.run).toMatchObject({ kept: { step: 2 } })
    await last.publish([])
  }
  await using reader = await shop.ports.warehouse.reader()
  expect(await reader.query('SELECT n FROM marts.answer ORDER BY n')).toEqual([{ n: 1 }, { n: 2 }])
  await using again = await openBuild(shop.ports, a(false))
  expect(again.run).toMatchObject({ over: true })
})

test('a run does not continue on what another build has published, nor on a damaged file', async () => {
  const shop = await shopWithHistory()
  const begin = async (id: string) => {
    await using build = await openBuild(shop.ports, { run: { id, begins: true } })
    await build.run!.keep({})
  }
  await begin('a')
  {
    await using plain = await openBuild(shop.ports)
    await plain.publish([])
  }
  await expect(openBuild(shop.ports, a(false))).rejects.toMatchObject({
    code: 'refused',
    why: 'another transform has published since it began',
  })
  await begin('a')
  await begin('b')
  await expect(openBuild(shop.ports, a(false))).rejects.toMatchObject({ code: 'refused' })
  await begin('a')
  const file = path.join(shop.ports.workspace.folder, 'run.duckdb')
  truncateSync(file, 20_000)
  appendFileSync(file, Buffer.alloc(500_000))
  await expect(openBuild(shop.ports, a(false))).rejects.toMatchObject({
    code: 'refused',
    message: 'there is no build of the run a',
  })
})
