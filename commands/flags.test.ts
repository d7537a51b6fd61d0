import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { shellLine } from '../src/advice.ts'
import { parseDay, parseSecond } from '../src/time.ts'
import { freshFolder, retail } from '../test/front-door.ts'
import {
  backfillResult,
  seedDimsResult,
  statusResult,
  streamResult,
  transformResult,
  verifyResult,
} from '../test/results.ts'
import { countFlag, dayFlag, durationFlag, instantFlag, positionFlag, rateFlag, shardFlag, speedFlag } from './flags.ts'
import type { Verbs } from './verbs.ts'

const { InvalidArgumentError } = await import('commander')

/** The options that a verb receives from a command line. */
async function asked(
  line: string,
  env: Record<string, string> = {},
): Promise<{ verb: string; options: object; config: object }> {
  const calls: { verb: string; options: object; config: object }[] = []
  const recording = (verb: string, result: object) => async (_ports: unknown, config: object, options: object) => {
    const plain = Object.entries(options ?? {}).filter(
      ([, value]) => typeof value !== 'function' && value !== undefined,
    )
    calls.push({ verb, config, options: Object.fromEntries(plain.filter(([key]) => key !== 'signal')) })
    return result
  }
  const verbs = {
    openExport: async () => ({}),
    seedDims: recording('seedDims', seedDimsResult),
    backfill: recording('backfill', backfillResult),
    stream: recording('stream', streamResult),
    transform: recording('transform', transformResult),
    verify: recording('verify', verifyResult),
    status: recording('status', statusResult),
  } as unknown as Partial<Verbs>
  const { stderr, code } = await retail(line, { verbs, env, today: '2024-05-01' })
  expect(stderr).toBe('')
  expect(code).toBe(0)
  expect(calls).toHaveLength(1)
  return calls[0]
}

describe('the options a verb gets', () => {
  test.each([
    ['seed-dims', {}],
    ['seed-dims --dry-run', { dryRun: true }],
    ['backfill', {}],
    ['backfill --from 2024-01-01 --to 2024-02-29', { from: parseDay('2024-01-01'), to: parseDay('2024-02-29') }],
    ['backfill --workers 4 --shard 2/4 --dry-run', { workers: 4, shard: { index: 1, count: 4 }, dryRun: true }],
    [
      `backfill --out there --format csv --table store`,
      {
        out: {
          folder: expect.stringMatching(/\/there$/),
          format: 'csv',
          from: '2024-01-01',
          hive: false,
          tables: ['store'],
        },
      },
    ],
    ['stream', {}],
    ['stream --speed 60', { speed: 60 }],
    ['stream --speed max --max-events 10_000', { speed: 'max', maxEvents: 10_000 }],
    ['stream --rate 2.5 --duration 1h30m', { rate: 2.5, durationMs: 5_400_000 }],
    ['stream --rate 100..5000/10m', { rate: { from: 100, to: 5000, overMs: 600_000 } }],
    ['stream --real-time', { realTime: true }],
    ['stream --until yesterday', { until: parseSecond('2024-04-30') }],
    ['stream --until 2024-04-01T12:00:00.25Z', { until: parseSecond('2024-04-01T12:00:00Z')! + 0.25 }],
    ['stream --until 2099-01-01', { until: parseSecond('2099-01-01') }],
    ['backfill --to 2098-12-31', { to: parseDay('2098-12-31') }],
    ['backfill --from -2mo --to today', { from: parseDay('2024-03-01'), to: parseDay('2024-05-01') }],
    ['stream --until 2024-04-01T12:00:00Z', { until: parseSecond('2024-04-01T12:00:00Z') }],
    ['transform', { dbtArgs: [] }],
    [
      'transform --select a b --full-refresh -- --threads 2',
      { select: ['a', 'b'], fullRefresh: true, dbtArgs: ['--threads', '2'] },
    ],
    ['transform --allow-failures', { allowFailures: true, dbtArgs: [] }],
    ['verify', {}],
    ['verify --quick --workers 1', { quick: true, workers: 1 }],
    ['status', {}],
  ])('retail -q %s', async (line, options) => {
    const verb = line.split(' ')[0].replace('-d', 'D')
    expect(await asked(`-q ${line}`)).toMatchObject({ verb, options })
    expect((await asked(`-q ${line}`)).options).toEqual(options)
  })

  test('a setting comes from the flag before the variable', async () => {
    const { config } = await asked('-q status --stores 7 --target local', { RETAIL_STORES: '8', RETAIL_PRODUCTS: '90' })
    expect(config).toMatchObject({ world: { stores: 7, products: 90, lines_per_store_day: 100 } })
  })

  test('flags of all commands stand before or after the name', async () => {
    const cwd = freshFolder()
    const before = await retail(`--json --workspace ${cwd} status --config`)
    const after = await retail(`status --config --json --workspace ${cwd}`)
    expect(JSON.parse(after.stdout)).toEqual(JSON.parse(before.stdout))
  })
})

describe('a flag that takes a value', () => {
  const TODAY = parseDay('2024-03-31')!
  const parsers = {
    countFlag: countFlag(1),
    dayFlag: dayFlag(TODAY),
    durationFlag,
    instantFlag: instantFlag(TODAY),
    positionFlag: positionFlag(TODAY),
    rateFlag,
    shardFlag,
    speedFlag,
  }

  test.each(Object.entries(parsers))('%s takes any text or refuses it in words', (_name, parse) => {
    const typed = fc.oneof(fc.string(), fc.stringMatching(/^[-+0-9a-zT:./]{0,20}$/), fc.double().map(String))
    fc.assert(
      fc.property(typed, (text) => {
        try {
          const value = parse(text)
          const numbers = typeof value === 'object' ? Object.values(value) : [value]
          for (const number of numbers) expect(number === 'max' || Number.isFinite(number)).toBe(true)
        } catch (error) {
          expect(error).toBeInstanceOf(InvalidArgumentError)
          expect((error as Error).message).toMatch(/^expected /)
        }
      }),
      { numRuns: 300 },
    )
  })

  test.each([
    ['500ms', 500],
    ['30s', 30_000],
    ['1.5m', 90_000],
    ['1h30m', 5_400_000],
    ['2d', 172_800_000],
  ])('a duration of %s', (text, ms) => expect(durationFlag(text)).toBe(ms))

  test('every shard of a count is one of the core', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 9999 }), fc.nat(), (count, n) => {
        const index = n % count
        expect(shardFlag(`${index + 1}/${count}`)).toEqual({ index, count })
      }),
    )
  })
})

test('a command line is given back as a shell takes it', () => {
  expect(shellLine(['retail', 'stream', '--until', "it's", 'a b', '--rate=5'])).toBe(
    `retail stream --until "it's" 'a b' --rate=5`,
  )
})
