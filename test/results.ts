import { localTarget } from '../src/adapters/local/target.ts'
import { retail } from '../src/advice.ts'
import { type Config, configSchema } from '../src/config/schema.ts'
import type { Facts } from '../src/pipeline/facts.ts'
import type {
  BackfillResult,
  DemoResult,
  GradeResult,
  SeedDimsResult,
  StatusResult,
  StreamResult,
  TransformResult,
  VerifyResult,
} from '../src/pipeline/results.ts'
import { described, sentenceOf } from '../src/pipeline/verify/sentences.ts'
import { buildWorld } from '../src/world/world.ts'

/** One result of each verb, for tests of the counter. */
export const seedDimsResult: SeedDimsResult = { world: 'w1', rows: { product: 2000, store: 1000 }, sizeBytes: 68_400 }

export const backfillResult: BackfillResult = {
  world: 'w1',
  from: '2024-01-01',
  to: '2024-03-31',
  shard: '1/1',
  workers: 2,
  dryRun: false,
  parts: { made: 94, longer: 0, kept: 1, remade: 1 },
  rows: { transactions: 9_100_000, inventories: 10_950_000 },
  sizeBytes: 301_000_000,
  total: { rows: { transactions: 9_200_000, inventories: 11_000_000 }, sizeBytes: 305_000_000 },
  seconds: 4.25,
  rowsPerSecond: 4_717_647,
  peakRssBytes: 412_000_000,
  complete: true,
  allShards: true,
}

export const streamResult: StreamResult = {
  world: 'w1',
  from: '2024-04-01T00:00:00Z',
  to: '2024-04-01T00:05:00Z',
  rows: { transactions: 500, inventories: 610 },
  events: 1110,
  batches: 30,
  seconds: 30.04,
  eventsPerSecond: 36.95,
  lag: { p50Ms: 11, maxMs: 48 },
  speed: 10,
  asked: { pace: 'speed 10', eventsPerSecond: undefined, speed: 10 },
  stoppedBy: 'duration',
}

export const transformResult: TransformResult = {
  models: 8,
  tests: 41,
  failed: [],
  warned: ['not_null_stg_store_state'],
  failures: [],
  published: true,
  cut: { history: '2024-04-01T00:00:00Z', live: '2024-04-01T00:05:00Z' },
  seconds: 12.3,
}

export const verifyResult: VerifyResult = {
  world: 'w1',
  ok: true,
  quick: false,
  raw: { history: '2024-04-01T00:00:00Z', live: '2024-04-01T00:05:00Z' },
  marts: { history: '2024-04-01T00:00:00Z', live: '2024-04-01T00:05:00Z' },
  checks: [
    {
      name: 'transactions',
      outcome: 'passed',
      ok: true,
      sentence: sentenceOf('transactions', 'passed', false),
      compared: 182,
      seconds: 3.1,
    },
    {
      name: 'keys',
      outcome: 'passed',
      ok: true,
      sentence: sentenceOf('keys', 'passed', false),
      compared: 4,
      seconds: 0.4,
    },
  ],
  differences: [],
  rows: { transactions: 9_100_000, inventories: 10_950_000 },
  seconds: 3.6,
}

export const wrongResult: VerifyResult = {
  ...verifyResult,
  ok: false,
  checks: [
    {
      ...verifyResult.checks[0],
      outcome: 'failed',
      ok: false,
      sentence: sentenceOf('transactions', 'failed', false),
    },
    verifyResult.checks[1],
  ],
  differences: (
    [
      {
        check: 'transactions',
        kind: 'missing',
        table: 'transactions',
        day: '2024-01-31',
        store: 'S0412',
        id: 'T240131-0412-000123',
      },
      {
        check: 'transactions',
        kind: 'changed',
        table: 'inventories',
        day: '2024-02-01',
        store: 'S0007',
        id: 'I240201-0007-000001',
        column: 'quantity_change',
        expected: '-1',
        found: '-2',
      },
      {
        check: 'transactions',
        kind: 'damaged',
        table: 'transactions',
        file: 'lake/transactions/month=2024-01/block-000.parquet',
      },
    ] as const
  ).map(described),
}

export const statusResult: StatusResult = {
  version: '0.1.0',
  target: 'local',
  workspace: '/shop',
  config: 'retail.yaml',
  world: 'w1',
  raw: { history: '2024-04-01T00:00:00Z', live: '2024-04-01T00:05:00Z' },
  database: { product: 'DuckDB', location: '/shop/retail.duckdb', sizeBytes: 4_200_000, service: false },
  lake: { location: '/shop/lake', sizeBytes: 305_000_000, files: 98 },
  steps: [
    { step: 'infra', state: 'not needed', rows: undefined, lastRun: undefined, detail: 'local needs nothing' },
    {
      step: 'seed-dims',
      state: 'done',
      rows: 3000,
      lastRun: '2026-11-23T05:51:24.754Z',
      detail: '1,000 stores, 2,000 products',
    },
    {
      step: 'backfill',
      state: 'done',
      rows: 20_200_000,
      lastRun: '2026-11-23T05:51:24.754Z',
      detail: '2024-01-01 … 2024-03-31',
    },
    {
      step: 'stream',
      state: 'running',
      rows: 18_220,
      lastRun: '2026-11-23T07:51:24.754Z',
      detail: '20 events/s, pid 4711',
    },
    {
      step: 'transform',
      state: 'stale',
      rows: undefined,
      lastRun: '2026-11-23T05:51:24.754Z',
      detail: '18,220 events since',
    },
    { step: 'verify', state: 'none', rows: undefined, lastRun: undefined, detail: 'never' },
  ],
  ready: false,
  next: [{ command: retail('transform'), what: 'staging and marts' }],
}

export const demoResult: DemoResult = {
  world: 'w1',
  workspace: '/shop',
  rows: { transactions: 9_100_500, inventories: 10_950_610, product: 2000, store: 1000 },
  backfill: backfillResult,
  stream: streamResult,
  transform: transformResult,
  verify: verifyResult,
  sizeBytes: { lake: 305_000_000, database: 4_200_000 },
  peakRssBytes: 412_000_000,
  seconds: 41.2,
}

/** A workspace in which everything was done but the last verify; what comes next follows from it. */
export const shopFacts: Facts = {
  config: configSchema.parse({}) as Config,
  world: buildWorld(configSchema.parse({}) as Config),
  target: localTarget,
  database: '/shop/retail.duckdb',
  arrival: undefined,
  repairs: true,
  noMarts: undefined,
  published: {
    world: 'w1',
    lake: '/shop/lake',
    generation: 1,
    raw: { history: 0, live: 0 },
    marts: { history: 0, live: 0 },
  },
  runs: {},
  dimensions: true,
  parts: 96,
  batches: [],
  partBytes: 305_000_000,
  history: { to: 0, begun: true, lastDay: '2024-03-31', whole: true },
  lost: { parts: false, batches: false },
  damage: [],
  misplaced: [],
  moved: undefined,
  live: { inLake: 0, to: 0, any: false },
  writer: undefined,
  builder: undefined,
  tick: undefined,
  silentMs: undefined,
  behind: false,
  verifiedAll: false,
}

/** A table that is right, and one that is not. */
export const gradeResult: GradeResult = {
  world: 'w1',
  ok: true,
  from: '2024-01-01T00:00:00Z',
  until: '2024-04-01T00:00:00Z',
  verdicts: [
    { name: 'complete', outcome: 'pass', sentence: 'every row is there', differences: [] },
    { name: 'late data kept', outcome: 'not asked', sentence: 'it needs the faults that were sent', differences: [] },
    { name: 'values unchanged', outcome: 'pass', sentence: 'every cell is right', differences: [] },
  ],
  tables: [
    {
      table: 'transactions',
      from: 'sales.csv',
      columns: [
        { column: 'transaction_id', theirs: 'sale', type: 'VARCHAR', by: 'content' },
        { column: 'quantity', theirs: 'quantity', type: 'VARCHAR', by: 'name' },
      ],
      left: ['unit_price'],
      ...{ expected: 1200, found: 1210, beside: 10, unreadable: 0 },
      counts: { missing: 0, doubled: 0, changed: 0, unexpected: 0, dirty: 0 },
      ...{ changed: {}, causes: [], differences: [] },
    },
  ],
  seconds: 1.25,
  peakRssBytes: 212_000_000,
}

const differences: GradeResult['tables'][number]['differences'] = [
  { table: 'transactions', kind: 'missing', id: 'T240101-0001-000003', time: '2024-01-01T08:15:00Z' },
  {
    ...{ table: 'transactions', kind: 'changed', id: 'T240101-0002-000001', time: '2024-01-01T09:00:00Z' },
    cells: [
      { column: 'quantity', expected: '2', found: null },
      { column: 'product_id', expected: 'P00001', found: '<"&\u0001>' },
    ],
  },
  { table: 'transactions', kind: 'unexpected', id: null, why: 'it has no id' },
]

export const wrongGrade: GradeResult = {
  ...gradeResult,
  ok: false,
  verdicts: [
    { name: 'complete', outcome: 'fail', sentence: '1 row missing', differences: differences.slice(0, 1) },
    { name: 'no duplicates', outcome: 'inconclusive', sentence: 'the sample has none', differences: [] },
    { name: 'late data kept', outcome: 'not asked', sentence: 'it needs the faults that were sent', differences: [] },
    { name: 'values unchanged', outcome: 'fail', sentence: '1 row changed', differences: differences.slice(1) },
    { name: 'keys known', outcome: 'pass', sentence: 'every product and store exists', differences: [] },
  ],
  tables: [
    {
      ...gradeResult.tables[0],
      counts: { missing: 1, doubled: 0, changed: 1, unexpected: 1, dirty: 0 },
      changed: { quantity: 1, product_id: 1 },
      causes: ['every timestamp is 5 h early: a zone'],
      sample: { storeDays: 12, of: 9100, rows: 1210 },
      differences,
    },
  ],
}

/** What a naive consumer makes of faults. */
export const faultyGrade: GradeResult = {
  ...wrongGrade,
  faults: {
    ...{ profile: '8093e8ad09c3371b', guessed: true, lastWins: false, trueTimes: false, settle: 0 },
    deadLetters: { letters: 17, damaged: 15 },
  },
  tables: [
    {
      ...wrongGrade.tables[0],
      unexplained: { missing: 0, doubled: 0, changed: 1, unexpected: 0, dirty: 0 },
      faults: [
        ...(['clean', 'lost'] as const).map((kind) => ({
          ...{ kind, sent: 6148, onTheirWay: 0, outcome: 'pass' as const, wrong: 0, differences: [] },
          sentence: kind === 'lost' ? 'absent' : 'no other difference',
        })),
        {
          ...{ kind: 'late', sent: 276, onTheirWay: 3, outcome: 'fail', wrong: 34 },
          sentence: '34 of 273 dropped, cut between 2.01 and 2.4 h: a watermark of 2 h',
          differences: [{ ...differences[0], fault: 'late by 2.4 h' }],
        },
      ],
      differences: [{ ...differences[0], fault: 'late by 2.4 h' }, ...differences.slice(1)],
    },
  ],
}
