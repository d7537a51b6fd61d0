import { execFile } from 'node:child_process'
import path from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { readsWithoutTime } from '../peers/job-proxy.ts'
import { install } from '../peers/peers.ts'

const days = Array.from({ length: 10 }, (_, i) => `2018-01-${String(i + 1).padStart(2, '0')}`)
const TABLE = { columns: ['id', 'd', 'x'], partition: 'd', unit: 'day', days }

/** Statements modelled on the examples of Google's pages, and how many of ten days each one reads of a table. */
const CASES: [string, string, Record<string, number>][] = [
  [
    'a filter in the source of a merge does not prune the target',
    "merge s.target t using (select * from s.source where d = '2018-01-01') s on t.id=s.id when matched then delete",
    { 's.source': 1, 's.target': 10 },
  ],
  [
    'a constant false condition prunes both sides',
    "merge s.target t using (select * from s.source where d = '2018-01-01') s on false when not matched then insert (id) values (id) when not matched by source and t.d = '2018-01-01' then delete",
    { 's.source': 1, 's.target': 1 },
  ],
  [
    'a merge by source without a condition reads the whole target',
    "merge s.target t using (select * from s.source) s on t.id=s.id and t.d='2018-01-01' when not matched by source then update set x = 1",
    { 's.source': 10, 's.target': 10 },
  ],
  [
    'a subquery is no literal',
    'select id from s.target where d = (select max(d) from s.source)',
    { 's.source': 10, 's.target': 10 },
  ],
  ['OR with another column', "select id from s.target where d = '2018-01-01' or x = 3", { 's.target': 10 }],
  ['AND with another column', "select id from s.target where d = '2018-01-01' and x = 3", { 's.target': 1 }],
  ['a range', "select id from s.target where d >= '2018-01-03' and d < '2018-01-05'", { 's.target': 2 }],
  ['a cast to a date', "select id from s.target where cast(d as date) = '2018-01-03'", { 's.target': 1 }],
  [
    'through a subquery',
    "select id from (select * from s.target) where d in (date '2018-01-02', date '2018-01-04')",
    { 's.target': 2 },
  ],
  ['no condition', 'select count(*) from s.target', { 's.target': 10 }],
]

test('partitions are counted as Google documents it', async () => {
  const { BQ_PYTHON } = await install()
  const run = promisify(execFile)(BQ_PYTHON, [path.join(import.meta.dirname, 'bytes/bill.py')])
  const tables = { 's.target': TABLE, 's.source': TABLE }
  run.child.stdin!.end(JSON.stringify({ tables, jobs: CASES.map(([, sql]) => sql) }))
  const jobs = JSON.parse((await run).stdout) as { table: string; days: string[] }[][][]
  const read = jobs.map(([reads], i) => [
    CASES[i][0],
    Object.fromEntries(reads.map(({ table, days }) => [table, days.length])),
  ])
  expect(read).toEqual(CASES.map(([what, , expected]) => [what, expected]))
})

test.each([
  ['select count(*) from `p.shop_raw.transactions`', 'transactions'],
  ['select 1 from `p`.`shop_raw`.`inventories` as i where store_id = 1', 'inventories'],
  [
    'select * from (select distinct * from `p.shop_raw.transactions`) where `timestamp` < timestamp "2024-01-01"',
    'transactions',
  ],
  ['select * from `p`.`shop_raw`.`transactions`\n where `timestamp` < timestamp_seconds(7)', undefined],
  ['/* `shop_raw`.`inventories` */ select * from `p.shop_raw.product`', undefined],
])('the proxy knows what reads a fact without a time: %s', (sql, table) => expect(readsWithoutTime(sql)).toBe(table))
