import { describe, expect, test } from 'vitest'
import { retail } from '../test/front-door.ts'
import {
  backfillResult,
  demoResult,
  seedDimsResult,
  statusResult,
  streamResult,
  transformResult,
  verifyResult,
  wrongResult,
} from '../test/results.ts'
import type { Verbs } from './verbs.ts'

/** Verbs that tell everything they can tell on the way. */
const talkative: Partial<Verbs> = {
  async seedDims(_ports, _config, { onTable }) {
    onTable?.('product', 2000)
    return seedDimsResult
  },
  async backfill(_ports, _config, { onProgress }) {
    for (const doneRows of [0, 5_000_000, 20_000_000])
      onProgress?.({ doneRows, totalRows: 20_000_000, month: '2024-02' })
    return backfillResult
  },
  async stream(_ports, _config, { onStart, onTick }) {
    const next = { nextEvent: '2024-04-01T00:00:12Z', nextInMs: 1200 }
    onStart?.({ position: '2024-04-01T00:00:00Z', pace: 'speed 10', ...next })
    onTick?.({ position: '2024-04-01T00:01:00Z', events: 37, asked: 37, reached: 36.9, lagMs: 12 })
    return streamResult
  },
  async transform(_ports, _config, { onStep, onOutput }) {
    onStep?.('dbt build')
    onOutput?.('1 of 8 OK created sql view model')
    return transformResult
  },
  async verify(_ports, _config, { onCheck }) {
    for (const check of verifyResult.checks) onCheck?.(check)
    return verifyResult
  },
  status: async () => statusResult,
  async demo(_ports, _config, { onStep, onProgress, onTick, onOutput, onCheck }) {
    onStep?.('backfill', '9 million lines')
    onProgress?.({ doneRows: 1, totalRows: 2, month: '2024-01' })
    onTick?.({ position: '2024-04-01T00:01:00Z', events: 37, asked: undefined, reached: 36.9, lagMs: 12 })
    onOutput?.('dbt says')
    onCheck?.(verifyResult.checks[0])
    return demoResult
  },
}

const commands = ['seed-dims', 'backfill', 'stream', 'transform', 'verify', 'status', 'demo']

describe('a result', () => {
  test.each(commands)('retail %s: text on stdout, its story on stderr', async (name) => {
    const { code, stdout, stderr } = await retail(name, { verbs: talkative })
    expect({ code, stdout, stderr }).toMatchSnapshot()
  })

  test.each(commands)('retail %s --json: for machines', async (name) => {
    const { code, stdout, stderr } = await retail(`${name} --json`, { verbs: talkative })
    expect(code).toBe(0)
    expect(stderr).toBe('')
    expect(stdout).toMatchSnapshot()
    const lines = stdout.trim().split('\n')
    if (!['backfill', 'stream', 'demo'].includes(name)) return void JSON.parse(stdout)
    const types = lines.map((line) => JSON.parse(line).type)
    expect([types[0], types.at(-1)]).toEqual(['version', 'result'])
    expect(types.slice(1, -1)).toEqual(types.slice(1, -1).map(() => 'progress'))
  })

  test.each(commands)('retail %s on a terminal: bars and spinners leave stdout alone', async (name) => {
    const plain = await retail(name, { verbs: talkative })
    const shown = await retail(name, { verbs: talkative, terminal: true })
    expect(shown.stdout).toBe(plain.stdout)
    expect(shown.stdout).not.toContain('\u001B')
  })

  test('a terminal without a size gets plain lines', async () => {
    const { stderr } = await retail('seed-dims', { verbs: talkative, terminal: true, columns: 0 })
    expect(stderr).toBe('product: 2,000 rows\n')
  })

  test.each(commands)('retail %s -q: nothing but the result', async (name) => {
    const plain = await retail(name, { verbs: talkative })
    expect(await retail(`${name} -q`, { verbs: talkative })).toEqual({ ...plain, stderr: '' })
  })
})

const oneFailed = {
  ...transformResult,
  failed: ['unique_x'],
  failures: [{ name: 'unique_x', file: 'models/x.yml', message: 'Got 2 results, configured to fail if != 0' }],
}

describe('the exit code tells', () => {
  test.each([
    ['verify', { verify: async () => wrongResult }, 6],
    ['status', { status: async () => statusResult }, 0],
    ['status --check', { status: async () => statusResult }, 6],
    ['status --check', { status: async () => ({ ...statusResult, ready: true }) }, 0],
    ['backfill --shard 1/2', { backfill: async () => ({ ...backfillResult, complete: false, shard: '1/2' }) }, 5],
    ['backfill --dry-run', { backfill: async () => ({ ...backfillResult, complete: false, dryRun: true }) }, 0],
    ['transform', { transform: async () => ({ ...oneFailed, published: false }) }, 1],
    [
      'transform --select monthly_sales',
      { transform: async () => ({ ...transformResult, models: 1, selected: ['monthly_sales'] }) },
      0,
    ],
    ['transform --allow-failures', { transform: async () => oneFailed }, 0],
    ['demo', { demo: async () => ({ ...demoResult, verify: wrongResult }) }, 6],
    ['seed-dims --dry-run', { seedDims: async () => seedDimsResult }, 0],
    ['infra', {}, 0],
  ] satisfies [string, Partial<Verbs>, number][])('retail %s', async (line, verbs, code) => {
    const outcome = await retail(line, { verbs })
    expect(outcome.code).toBe(code)
    expect(outcome.stdout).toMatchSnapshot()
  })

  test('dry runs of what has no numbers yet are told in words', async () => {
    for (const line of [
      'stream --rate 500 --duration 5m --dry-run',
      'stream --rate 500+5000/10s/60s --dry-run',
      'stream --real-time --dry-run',
      'stream --speed max --until 2024-04-02 --dry-run',
      'transform --select daily_sales --full-refresh --dry-run -- --threads 2',
      'demo --size tiny --dry-run',
    ])
      expect((await retail(line, { verbs: {} })).stdout).toMatchSnapshot(line)
  })
})
