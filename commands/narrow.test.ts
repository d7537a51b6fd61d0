import { stripVTControlCharacters } from 'node:util'
import { describe, expect, test } from 'vitest'
import { COMMANDS } from '../src/advice.ts'
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

const verbs: Partial<Verbs> = {
  seedDims: async () => seedDimsResult,
  backfill: async () => backfillResult,
  stream: async () => streamResult,
  transform: async () => transformResult,
  verify: async () => verifyResult,
  status: async () => statusResult,
  demo: async () => demoResult,
}
const wrong: Partial<Verbs> = { verify: async () => wrongResult }

const WIDTHS = [40, 47, 60, 72, 80, 100, 120]

/** Lines that a terminal would break, except those with one word or one command. */
const tooLong = (text: string, width: number): string[] =>
  text
    .split('\n')
    .filter((line) => line.length > width)
    .filter(
      (line) => !/^\s*((Usage:|Next:|→|[-–·✔✘!]|error:) +)?(\S+|`?(retail|duckdb|node|npx|source) .*)$/.test(line),
    )

async function expectFits(line: string, more: object = {}): Promise<void> {
  for (const width of WIDTHS) {
    const { stdout, stderr } = await retail(line, { screen: width, terminal: true, columns: width, ...more })
    expect(tooLong(stdout, width), `${line} at ${width}`).toEqual([])
    expect(tooLong(stripVTControlCharacters(stderr), width), `${line} at ${width}`).toEqual([])
  }
}

describe('on a narrow terminal', () => {
  test.each(['--help', 'help exit-codes', ...COMMANDS.map((name) => `${name} --help`)])('retail %s fits', (line) =>
    expectFits(line),
  )

  test.each([
    ...['seed-dims', 'backfill', 'stream', 'transform', 'verify', 'status', 'status --config', 'demo'],
    ...[
      'backfill --dry-run',
      'transform --dry-run',
      'stream --dry-run',
      'init --size tiny --yes',
      'init --yes --dry-run',
    ],
    ...['plan', 'plan --rows 100B --rate 1M', 'plan --target gcp --rows 100B --rate 1M'],
  ])('retail %s fits', (line) =>
    expectFits(line, line.startsWith('plan') || / --(config|yes)/.test(line) ? {} : { verbs }),
  )

  test('what verify finds fits', () => expectFits('verify', { verbs: wrong }))

  test.each([
    'nonsense',
    'plan --rows 1e15',
    'stream --rate x',
    'backfill --from 2024-13-01',
    'verify -q',
    'transform -q',
  ])('the error of retail %s fits', (line) => expectFits(line))

  test.each(['', 'plan', 'status'])('retail %s --help in 40 columns', async (name) => {
    expect(
      (await retail(`${name} --help`, { screen: 40 })).stdout.replace(/\S+\/docs\//, '<package>/docs/'),
    ).toMatchSnapshot()
  })

  test.each(['status', 'verify', 'demo'])('retail %s in 50 columns', async (name) => {
    const { stdout } = await retail(name, { screen: 50, verbs: { ...verbs, ...wrong } })
    expect(stdout).toMatchSnapshot()
  })
})
