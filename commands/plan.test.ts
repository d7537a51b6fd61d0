import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import type { PlanResult } from '../src/pipeline/results.ts'
import { freshFolder, retail } from '../test/front-door.ts'
import { formatBytes, formatCount, formatDuration } from './render/format.ts'

const planned = async (line: string) => {
  const { code, stdout, stderr } = await retail(`plan ${line} --json`)
  expect([code, stderr]).toEqual([0, ''])
  // The next commands repeat the flags.
  const { next: _next, ...result } = JSON.parse(stdout)
  return result as PlanResult
}

test.each(['', '--rows 100e9', '--target gcp', '--target gcp --rows 100e9', '--target gcp --rate 1M --tasks 600'])(
  'retail plan %s',
  async (flags) => {
    const { code, stdout, stderr } = await retail(`plan ${flags}`)
    expect({ code, stdout, stderr }).toMatchSnapshot()
  },
)

test('target local shows nothing of Google Cloud but how to see it', async () => {
  const { stdout } = await retail('plan --rows 1B --rate 500')
  expect(stdout).toMatch(/retail plan --rows 1B --rate 500 --target gcp +show limits and cost in Google Cloud/)
  expect(stdout.split('  Next:')[0]).not.toMatch(/google|cloud|BigQuery|Pub\/Sub|\$|quota/i)
})

test('too little disk and memory are named, with what helps', async () => {
  const { stdout } = await retail('plan --rows 150e9')
  expect(stdout).toMatch(/✘ {2}disk space for the lake .* of 50.0 GB .*available: free some space/)
  // Parts that are uploaded are in memory.
  const cloud = await retail('plan --rows 185e9 --target gcp')
  expect(cloud.stdout).toMatch(/✘ {2}memory of 2 threads .* of 8.0 GB .*available: use fewer --workers/)
})

describe('numbers', () => {
  test.each([
    ['1e9', '1B'],
    ['1_000_000', '1M'],
    ['2500', '2.5k'],
  ])('%s is %s', async (a, b) => {
    expect(await planned(`--rows ${a}`)).toEqual(await planned(`--rows ${b}`))
    expect(await planned(`--rate ${a}`)).toEqual(await planned(`--rate ${b}`))
  })

  test.each(['0', '-1', 'many', '1e99', '1 M', '1G', '0x10'])('%s is refused', async (rows) => {
    const { code, stderr } = await retail(['plan', '--rows', rows])
    expect([code, stderr]).toEqual([2, expect.stringContaining('expected a number, like 1000, 1M, 2.5B, or 100e9')])
  })

  test('more than any world has are refused, and what would help is said', async () => {
    const { code, stderr } = await retail('plan --rows 1e15')
    expect({ code, stderr }).toMatchSnapshot()
  })
})

test.each(['--rows 1B', '--stores 3 --products 50 --to 2024-06-30', '--stores=1 --lines-per-store-day=1', '--seed 7'])(
  'the next line of plan %s begins the world that was planned',
  async (flags) => {
    const { stdout } = await retail(`plan ${flags}`, { cwd: freshFolder() })
    const line = /Next: {2}retail (init .*?) {2}/.exec(stdout)![1]
    const { world } = await planned(flags)
    const sizes = line.replace('init ', '').replace(/--from \S+/, '')
    expect(await planned(sizes)).toMatchObject({ world })
    expect(stdout).not.toMatch(/\b1 (stores|lines|blocks|threads)\b/)
  },
)

/** The tables of docs/scale.md contain the output of `retail plan` for larger versions of the default world. */
test('docs/scale.md has the same numbers (npx vitest -u updates it)', async () => {
  const file = '../docs/scale.md'
  const text = readFileSync(new URL(file, import.meta.url), 'utf8')
  const tables = {
    history: markdown(
      [
        'rows',
        'world: stores × lines per day × days',
        'parts',
        'lake',
        'two cores: backfill, verify',
        'memory per thread',
        'each of 8 tasks',
        'load jobs per table',
        'bytes per load job',
        'partitions',
        'cost once',
        'cost per day',
        'exceeded limits',
      ],
      await Promise.all(['1M', '1B', '100B', '100B --to 2026-12-31'].map(historyRow)),
    ),
    stream: markdown(
      [
        'events/s',
        'world',
        'times real time',
        'to Pub/Sub',
        'processes of `retail load`',
        'write streams per hour',
        'partitions per day',
        'cost per day',
        'exceeded limits',
      ],
      await Promise.all(['--rows 1B --rate 1k', '--rows 100B --rate 100k', '--rows 100B --rate 1M'].map(streamRow)),
    ),
  }
  const updated = Object.entries(tables).reduce(
    (all, [name, rows]) =>
      all.replace(
        new RegExp(`(<!-- ${name}[^\\n]*-->\\n)[^]*?(<!-- end -->)`),
        (_, head, end) => `${head}${rows}\n${end}`,
      ),
    text,
  )
  for (const rows of Object.values(tables)) expect(updated).toContain(rows)
  await expect(updated).toMatchFileSnapshot(file)
})

async function historyRow(flags: string): Promise<string[]> {
  const { world, lake, backfill, job, cloud } = await planned(`--rows ${flags}`)
  return [
    flags.split(' ')[0],
    `${formatCount(world.stores)} × ${formatCount(world.linesPerStoreDay)} × ${formatCount(world.days)}`,
    `${formatCount(lake.parts)} of ${formatBytes(lake.partBytes)}`,
    formatBytes(lake.sizeBytes),
    `${formatDuration(backfill.seconds)}, ${formatDuration(backfill.verifySeconds)}`,
    formatBytes(backfill.workerBytes),
    formatDuration(job.taskSeconds),
    formatCount(used(cloud, 'load jobs per table per day')),
    formatBytes(used(cloud, 'bytes per load job')),
    formatCount(used(cloud, 'partitions per table')),
    dollars(cloud.once.usd),
    dollars(cloud.daily.usd),
    missing(cloud, (what) => !STREAM.test(what)),
  ]
}

async function streamRow(flags: string): Promise<string[]> {
  const { stream, cloud } = await planned(flags)
  const [, rows, , rate] = flags.split(' ')
  return [
    rate,
    `${rows} rows`,
    stream.speed.toPrecision(2),
    `${formatBytes(used(cloud, 'published to Pub/Sub'))}/s`,
    formatCount(stream.loaders),
    formatCount(used(cloud, 'write streams opened')),
    formatCount(Math.ceil(stream.speed)),
    dollars(cloud.daily.usd),
    missing(cloud, (what) => STREAM.test(what)),
  ]
}

const STREAM = /stream|Pub\/Sub|Write API/
const used = ({ checks }: PlanResult['cloud'], name: string) => checks.find(({ what }) => what === name)!.used
const missing = ({ checks }: PlanResult['cloud'], of: (what: string) => boolean) =>
  checks.flatMap(({ ok, what, fix }) => (!ok && of(what) ? [`${what}: ${fix}`] : [])).join('; ') || '–'
const dollars = (usd: number) => `$${usd >= 100 ? formatCount(usd) : usd.toFixed(2)}`
const markdown = (head: readonly string[], rows: readonly (readonly string[])[]) =>
  [head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n')
