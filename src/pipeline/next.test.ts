import { describe, expect, test } from 'vitest'
import { shopFacts, verifyResult, wrongResult } from '../../test/results.ts'
import { gcpTarget } from '../adapters/gcp/target.ts'
import { localTarget } from '../adapters/local/target.ts'
import { shellLine } from '../advice.ts'
import type { Shortage } from './delivery/ledger.ts'
import type { Facts } from './facts.ts'
import { type Next, nextAfter, type Ran } from './next.ts'
import type { VerifyDifference } from './verify/result.ts'

const lines = (next: readonly Next[]) => next.map(({ command }) => shellLine(command))
const linesAfter = (ran: Ran, facts: Partial<Facts> = {}) => lines(nextAfter(ran, { ...shopFacts, ...facts }))
const loading: Pick<Facts, 'arrival'> = { arrival: { by: 'load', from: [], into: 'retail_raw' } }
const streamed = { stream: { command: 'stream', startedAt: '', finishedAt: '2024-04-02', pid: 1 } }

describe('the step that is missing first', () => {
  test.each<[string, Partial<Facts>, string]>([
    ['products and stores', { dimensions: false, history: { ...shopFacts.history, whole: false } }, 'retail seed-dims'],
    ['the rest of history', { history: { ...shopFacts.history, whole: false } }, 'retail backfill'],
    ['parts that were lost', { lost: { parts: true, batches: false } }, 'retail repair'],
    [
      'parts and dimensions that were lost',
      { dimensions: false, lost: { parts: true, batches: false } },
      'retail repair',
    ],
    ['batches that were lost', { lost: { parts: false, batches: true } }, 'retail repair'],
    ['parts that were lost in the cloud', { repairs: false, lost: { parts: true, batches: false } }, 'retail backfill'],
    ['a database of another place', { moved: { from: '/a', to: '/b' } }, 'retail repair'],
    ['marts', { published: { ...shopFacts.published!, marts: undefined } }, 'retail transform'],
    ['what is new in the marts', { behind: true }, 'retail transform'],
    ['events that wait in Pub/Sub', { ...loading, behind: true, runs: streamed }, 'retail load'],
    ['the comparison with the truth', {}, 'retail verify'],
    [
      'nothing',
      { verifiedAll: true, runs: { verify: { command: 'verify', startedAt: '', pid: 1, result: verifyResult } } },
      'retail stream',
    ],
  ])('%s', (_what, facts, line) => {
    for (const command of ['status', 'seed-dims'] as const) expect(linesAfter({ command }, facts)).toEqual([line])
    expect(linesAfter({ command: 'stream', to: '2024-04-02T00:00:00Z' }, facts)[0]).toBe(line)
  })
})

describe('after a run that is not whole', () => {
  const result = { complete: true, allShards: true, shard: '1/4', export: undefined }
  const again = ['retail', 'backfill', '--to', '2024-06-30', '--shard', '1/4']

  test('its own line makes the rest', () =>
    expect(linesAfter({ command: 'backfill', again, result: { ...result, complete: false } })).toEqual([
      shellLine(again),
    ]))

  test('the other shards are next', () =>
    expect(linesAfter({ command: 'backfill', again, result: { ...result, allShards: false } })).toEqual([
      'retail backfill --to 2024-06-30 --shard i/4',
    ]))

  test('a folder of an export is quoted, for the shell and for SQL', () => {
    const out = { folder: "/tmp/Jo's files", format: 'csv', from: '2024-01-01', tables: ['transactions'] } as const
    const [line] = linesAfter({ command: 'backfill', again, result: { ...result, export: { ...out, dimensions: {} } } })
    expect(line).toBe(`duckdb -c "FROM '/tmp/Jo''s files/transactions/*/*.csv' LIMIT 5"`)
  })

  test('a transform that failed is run again with its flags, before what goes to dbt', () =>
    expect(
      linesAfter({ command: 'transform', again: ['retail', 'transform', '--', '--threads', '1'], failed: true }),
    ).toEqual(['retail verify', 'retail transform --verbose -- --threads 1']))

  test('without facts the status tells', () =>
    expect(lines(nextAfter({ command: 'load', stoppedBy: 'signal', deadLetters: 0 }, undefined))).toEqual([
      'retail status',
      'retail load',
    ]))
})

describe('what verify found is repaired', () => {
  const fixes = (differences: Partial<VerifyDifference>[], dataset?: string, shortage?: Shortage) =>
    linesAfter({
      command: 'verify',
      result: {
        ...{ ok: false, dataset, differences: differences as VerifyDifference[] },
        ...(shortage && { delivery: { rows: [], shortage, surplus: [], surplusCount: 0 } }),
      },
      warehouse: (dataset === undefined ? localTarget : gcpTarget).warehouse,
    })

  test.each<[string, Partial<VerifyDifference>[]]>([
    ['a part', [{ check: 'files', table: 'transactions', file: 'transactions/month=2024-01/block-000.parquet' }]],
    ['a dimension', [{ check: 'files', table: 'product', file: 'product/product.parquet' }]],
    ['a batch', [{ check: 'files', table: 'inventories', file: 'live/000001/x/inventories.parquet' }]],
    ['the database', [{ check: 'database', table: 'raw' }]],
    ['rows', [...wrongResult.differences]],
  ])('%s: by repair', (_what, differences) => expect(fixes(differences)).toEqual(['retail repair']))

  test('marts: by transform', () =>
    expect(fixes([{ check: 'daily_sales', table: 'marts.daily_sales' }])).toEqual(['retail transform --full-refresh']))

  test('rows of BigQuery: by loading them again, table by table', () =>
    expect(
      fixes(
        [
          { check: 'transactions', table: 'transactions' },
          { check: 'dimensions', table: 'product' },
        ],
        'p.raw',
      ),
    ).toEqual([
      'bq rm -t p:raw.product',
      'bq rm -t p:raw.transactions',
      'retail infra apply',
      'retail seed-dims',
      'retail backfill',
      'retail stream --speed max --resend-from INSTANT',
    ]))

  test('events under way: by waiting, or by sending them again', () => {
    const range = { from: '2024-04-01T00:00:00Z', to: '2024-04-02T00:00:00Z' }
    expect(fixes([{ check: 'delivery', table: 'transactions and inventories', range }], 'p.raw')).toEqual([
      'retail verify',
      'retail dead-letters',
      `retail stream --speed max --resend-from ${range.from} --until ${range.to}`,
    ])
  })

  test('events that were rejected: by replaying them, not by waiting', () => {
    const range = { from: '2024-04-01T00:00:00Z', to: '2024-04-02T00:00:00Z' }
    const found = [{ check: 'delivery', table: 'transactions and inventories', range }]
    const counts = (transactions: number) => ({ transactions, inventories: 0 })
    expect(fixes(found, 'p.raw', { ...range, missing: counts(0), deadLettered: counts(2) })).toEqual([
      'retail dead-letters',
      'retail dead-letters replay --all',
    ])
  })
})
