import { expect, test } from 'vitest'
import { renderExport } from './dashboard.ts'
import { renderLetters, renderReplayed, renderWholeLetters } from './dead-letters.ts'
import { renderApplied, renderDestroyPlan, renderInfraPlan } from './infra.ts'
import { renderInit } from './init.ts'
import { linesOf, type Text } from './layout.ts'
import { renderLoad, renderLoadPlan } from './load.ts'
import { renderPack } from './pack.ts'
import { renderPrint } from './print.ts'
import { renderRealism } from './realism.ts'
import { renderRemote } from './remote.ts'
import { renderRepair } from './repair.ts'
import { renderStreamPlan } from './stream.ts'
import { renderTransform, renderTransformPlan } from './transform.ts'

const raw = { history: '2024-04-01T00:00:00Z', live: '2024-04-02T13:12:57Z' }
const letter = {
  ...{ id: '7531248713371', subscription: 'retail-transactions-load', table: 'transactions', state: 'open' },
  ...{ receivedAt: '2024-04-01T12:00:00Z', event: undefined, marked: undefined },
  reason: 'it does not say which world it belongs to: it has no attribute world',
}
const shortage = {
  missing: { transactions: 12, inventories: 3 },
  deadLettered: { transactions: 2, inventories: 0 },
  from: raw.history,
  to: raw.live,
}
const kinds = [{ kind: 'google_bigquery_dataset', count: 3, add: 3, change: 1, destroy: 12 }]
const changes = { add: 60, change: 1, destroy: 12, kinds, lost: ['retail_raw.transactions', 'a-shop-retail'] }
const cost = {
  monthly: 12.3,
  prices: { date: '2025-08', source: 'cloud.google.com/{storage,bigquery,pubsub,run}/pricing, location US' },
  items: [{ what: 'BigQuery Storage Write API', quantity: 0.125, unit: 'GiB written', usd: 0.04 }],
  assumptions: ['staging is as large as raw, and marts are a tenth of that; no data is older than 90 days'],
}
const parts = ['inventories/month=2024-01/block-001.parquet', 'transactions/month=2024-02/block-003.parquet']

/** Results that commands/narrow.test.ts does not reach. Renderers read only these fields. */
const texts: Record<string, Text> = {
  export: renderExport({ file: '/shop/march.html', sizeBytes: 2e6, period: 'March 2024', dataTo: raw.live } as never),
  'infra plan': renderInfraPlan({ project: 'a-shop', state: 'gs://a-tfstate', changed: true, changes, cost } as never),
  'infra apply': renderApplied({
    ...{ project: 'a-shop', changes, state: 'gs://a-shop-tfstate', seconds: 125 },
    outputs: { bucket: 'a-shop-retail', accounts: { load: 'retail-load@a-shop.iam.gserviceaccount.com' } },
  } as never),
  'infra destroy': renderDestroyPlan({
    ...{
      project: 'a-shop',
      kinds,
      subscriptions: ['retail-transactions-load'],
      unknown: ['the bucket cannot be read'],
    },
    buckets: [{ name: 'a-shop-retail', objects: 1234, sizeBytes: 5e9 }],
    tables: [{ name: 'retail_raw.transactions', rows: 8_606_566, sizeBytes: undefined }],
  } as never),
  init: renderInit(
    {
      ...{ workspace: '/home/jo/shop', dryRun: false },
      files: [...parts, 'make/README.md', 'vendor/retail-cli-0.1.0.tgz'].map((path) => ({
        path,
        action: 'new' as const,
      })),
      checks: [
        { name: 'login', state: 'missing', about: 'no application default credentials on this machine', fix: [] },
      ],
    },
    'retail init --target local --size tiny --from 2024-01-01 --to 2024-03-31 --seed 42 --yes',
  ),
  load: renderLoad({
    ...{ needed: true, rows: { transactions: 12_345, inventories: 6_789 }, deadLetters: 3, batches: 14, seconds: 900 },
    ...{ eventsPerSecond: 57, stoppedBy: 'timeout', shortage },
  } as never),
  'dead-letters': renderLetters({
    ...{ location: 'a-shop.retail_raw.dead_letter', collected: 2, more: true },
    counts: [{ state: 'open', table: 'transactions', letters: 1_200, since: raw.live }],
    letters: [{ ...letter, event: { id: 'T240401-0001-000001', at: raw.live } }, letter],
  } as never),
  'dead-letters show': renderWholeLetters({
    ...{ location: 'a-shop.retail_raw.dead_letter', collected: 2 },
    letters: [{ ...letter, attributes: { world: 'w1' }, body: { text: '{"quantity": "1", "store_id": "S0001"}' } }],
  } as never),
  'dead-letters replay': renderReplayed({
    ...{ dryRun: false, collected: 2, replayed: { transactions: 1_199, inventories: 3 } },
    ...{ invalid: 1, whyInvalid: [{ id: letter.id, why: letter.reason }] },
  } as never),
  'load --dry-run': renderLoadPlan({
    into: 'retail_raw',
    from: ['retail-transactions', 'retail-inventories'],
    why: undefined,
  }),
  pack: renderPack({
    ...{ file: '/home/jo/shop.duckdb', rows: 190_000, sizeBytes: 3e6, raw, marts: raw, seconds: 2 },
    tables: [{ schema: 'marts', table: 'mv_retail_transactions', rows: 89_682 }],
  } as never),
  print: renderPrint({
    ...{ table: 'transactions', format: 'ndjson', rows: 89_682, sizeBytes: 1e7, seconds: 1, dryRun: false },
    ...{ from: '2024-01-01', to: '2024-03-31' },
  } as never),
  realism: renderRealism({
    ...{
      sample: { every: 10, lines: 8_606_566, from: '2024-01-01', to: '2024-03-31' },
      passed: 1,
      judged: 2,
      seconds: 3,
    },
    items: ['pass', 'fail', 'not judged'].map((verdict, i) => ({
      ...{ verdict, id: i + 8, section: 'Products', about: 'share of lines in the busiest tenth of the products' },
      ...{ sure: 'published', measures: [{ name: 'share', value: 0.1234, range: 'at most 0.5', ok: true }] },
      ...{ source: 'US Census Bureau, Monthly Retail Trade', why: i === 2 ? 'needs a calendar year' : undefined },
    })),
  } as never),
  remote: renderRemote({
    ...{
      job: 'projects/a-shop/locations/us-central1/jobs/retail-backfill',
      image: 'us-docker.pkg.dev/a-shop/retail:0.1',
    },
    ...{ dryRun: false, ended: true, complete: false, from: '2024-01-01', to: '2024-03-31', seconds: 300 },
    ...{ tasks: { succeeded: 49, count: 50, retried: 2 }, why: 'task 12 ran out of memory and was not retried' },
  } as never),
  repair: renderRepair({
    ...{ dryRun: false, seconds: 1.4 },
    repaired: parts.map((file) => ({ file, why: 'it was not written by retail', did: 'regenerated by backfill' })),
  } as never),
  'stream --dry-run': renderStreamPlan({
    ...{ lake: '/home/jo/shop/lake', speed: undefined, rate: '100..5000/10m', realTime: false },
    ends: { durationMs: 600_000, until: '2024-04-02T00:00:00Z', maxEvents: 1_000_000 },
  }),
  transform: renderTransform({
    ...{ models: 12, tests: 40, failed: ['unique_daily_sales_store_id_day_category'], warned: [], published: true },
    failures: [
      {
        ...{ name: 'unique_daily_sales_store_id_day_category', file: 'models/marts/daily_sales.yml' },
        message: 'Got 2 results, configured to fail if != 0',
      },
    ],
    ...{ cut: raw, seconds: 12, billedBytes: 5e9, moved: { from: '/home/jo/old', to: '/home/jo/shop' } },
    delivery: { shortage, surplus: [], surplusCount: 0 },
  } as never),
  'transform --select': renderTransform({
    ...{ models: 6, tests: 3, failed: [], warned: [], failures: [], published: true, cut: raw, seconds: 12 },
    selected: ['daily_sales', 'dim_store', 'monthly_inventory', 'monthly_sales', 'stock_levels', 'stock_on_hand'],
  }),
  'transform --dry-run': renderTransformPlan({
    ...{ database: '/home/jo/shop/retail.duckdb', select: ['daily_sales', 'monthly_sales'], fullRefresh: true },
    ...{ fullTests: undefined, allowFailures: true, dbtArgs: ['--threads', '1'] },
  }),
}

test.each(Object.entries(texts))('%s fits every width, except for words that are longer', (_what, text) => {
  for (let width = 40; width <= 120; width++)
    for (const line of linesOf(text, width).filter(({ length }) => length > width))
      expect(line.trim().replace(/^[→–!✖] +/, ''), `${width} columns`).not.toContain(' ')
})
