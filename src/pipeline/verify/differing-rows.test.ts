import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { fileOf } from '../../../test/parquet.ts'
import { rowsOfDays, shopWorld } from '../../../test/worlds.ts'
import { type Database, openDatabase } from '../../adapters/local/duckdb.ts'
import { facts } from '../../tables/index.ts'
import { SECONDS_PER_DAY } from '../../time.ts'
import { accountBlock } from '../../truth/account.ts'
import { type Truth, totalTruth } from '../../truth/total.ts'
import type { VerifyContext } from './check.ts'
import { checkFact } from './raw.ts'

const DAYS = 25
const world = shopWorld({ lines: 10 })
const cut = { raw: (world.from + DAYS) * SECONDS_PER_DAY, marts: undefined }
let database: Database
let truth: Truth
beforeAll(async () => {
  database = await openDatabase(':memory:', { threads: 1 })
  await database.run('CREATE SCHEMA raw')
  const batch = rowsOfDays(world, DAYS + 1)
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'retail-test-'))
  for (const { name } of facts) {
    const file = path.join(folder, `${name}.parquet`)
    fs.writeFileSync(file, fileOf(world, name, [batch]))
    await database.run(`CREATE TABLE raw.${name} AS FROM '${file}'`)
  }
  fs.rmSync(folder, { recursive: true })
  truth = totalTruth(world.blocks.map((block) => accountBlock(world, block, cut)!))
})
afterAll(() => database?.[Symbol.asyncDispose]())

/** What the check of transactions names after a change, which is undone. */
async function named(change: string, quick = false) {
  await database.run('BEGIN')
  try {
    await database.run(change.replaceAll('$all', 'raw.transactions').replaceAll('$here', `transaction_id = '${T}'`))
    const raw = { transactions: 'raw.transactions', inventories: 'raw.inventories' }
    const context = { reader: database, raw, world, truth, cut, quick, workers: 0 } as unknown as VerifyContext
    const { differences } = await checkFact(context, 'transactions')
    return differences.map(({ kind, day, store, id, column }) => [kind, day, store, id, column].join(' ').trim())
  } finally {
    await database.run('ROLLBACK')
  }
}

const T = 'T240110-0002-000003'
const at = `2024-01-10 S0002 ${T}`
const LAST = 'T240125-0001-000001'

test.each([
  ['nothing in rows that are right, and in rows after the end', 'SELECT 1', []],
  [
    'a time of another day',
    'UPDATE $all SET "timestamp" = "timestamp" + INTERVAL 9 DAY WHERE $here',
    [`changed ${at} timestamp`],
  ],
  [
    'a time after the end, and one before the beginning',
    `UPDATE $all SET "timestamp" = '2024-02-01' WHERE transaction_id = '${LAST}'; UPDATE $all SET "timestamp" = '2020-01-01' WHERE $here`,
    [`changed ${at} timestamp`, `changed 2024-01-25 S0001 ${LAST} timestamp`],
  ],
  [
    'an id of another letter',
    `UPDATE $all SET transaction_id = 'X240110-0002-000003' WHERE $here`,
    [`missing ${at}`, 'unexpected   X240110-0002-000003'],
  ],
  [
    'an id of another form',
    `UPDATE $all SET transaction_id = 'a ''quoted'' id' WHERE $here`,
    [`missing ${at}`, `unexpected   a 'quoted' id`],
  ],
  ['a row without an id', 'UPDATE $all SET transaction_id = NULL WHERE $here', [`missing ${at}`, 'unexpected']],
  [
    'a store that does not exist',
    `UPDATE $all SET transaction_id = 'T240110-0009-000003' WHERE $here`,
    [`missing ${at}`, 'unexpected   T240110-0009-000003'],
  ],
  [
    'a day before the beginning',
    `INSERT INTO $all SELECT * REPLACE ('T231231-0002-000001' AS transaction_id) FROM $all WHERE $here`,
    ['unexpected   T231231-0002-000001'],
  ],
])('verify names %s', async (_what, change, expected) => {
  expect(await named(change)).toEqual(expected)
})

test('verify names the rows of twenty days, and the other days that differ', async () => {
  const which = `WHERE transaction_id LIKE 'T240___-0001-000002'`
  const rows = await database.query(`SELECT transaction_id FROM raw.transactions ${which} ORDER BY 1`)
  const changed = rows
    .map(({ transaction_id: id }) => ({ id, day: `2024-01-${String(id).slice(5, 7)}` }))
    .filter(({ day }) => day <= '2024-01-25')
  const found = await named(`UPDATE $all SET quantity = quantity + 1 ${which}`)
  expect(found.slice(0, 20)).toEqual(changed.slice(0, 20).map(({ id, day }) => `changed ${day} S0001 ${id} quantity`))
  expect(found.slice(20)).toEqual(changed.slice(20, 25).map(({ day }) => `changed ${day}`))
})

test('verify names each row of a store-day that is gone, and of one that occurs twice', async () => {
  const rows = await database.query(`SELECT * FROM raw.transactions WHERE transaction_id LIKE 'T240110-0002-%'`)
  const where = `WHERE transaction_id LIKE 'T240110-0002-%'`
  const all = (kind: string) => rows.map(({ transaction_id }) => `${kind} 2024-01-10 S0002 ${transaction_id}`).sort()
  expect(await named(`DELETE FROM $all ${where}`)).toEqual(all('missing'))
  expect(await named(`INSERT INTO $all SELECT * FROM $all ${where}`)).toEqual(all('doubled'))
})

test.each([
  ['a row that is missing', 'DELETE FROM $all WHERE $here', [`missing ${at}`]],
  [
    'a time of another day',
    'UPDATE $all SET "timestamp" = "timestamp" + INTERVAL 1 DAY WHERE $here',
    [`changed ${at} timestamp`, 'changed 2024-01-11'],
  ],
  [
    'a row of a day before the beginning',
    `INSERT INTO $all SELECT * REPLACE ('2020-01-01' AS "timestamp") FROM $all WHERE $here`,
    ['changed 2020-01-01'],
  ],
])('verify --quick names %s', async (_what, change, expected) => {
  expect(await named(change, true)).toEqual(expected)
})
