import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { freshFolder, retail } from '../../test/front-door.ts'
import { openDatabase } from '../adapters/local/duckdb.ts'
import type { Answer } from '../faults/index.ts'

const WORLD = '--stores 2 --products 30 --lines-per-store-day 60'
const DAYS = '--from 2024-01-01 --to 2024-02-06'
/** Also what no built-in profile has together, and more often. */
const PROFILE = `
lost:      { rate: 2% }
malformed: { rate: 4% }
changed:   { rate: 3%, after: { 100%: 1h..2d } }
duplicate: { rate: 5%, copies: [60%, 40%], after: { 100%: 1m..1d } }
late:      { rate: 10%, by: { 100%: 1h..3d } }
disorder:  { rate: 5%, within: 2m }
corrected: { rate: 4%, after: { 100%: 1h..2d }, overtaken: 30% }
deleted:   { rate: 4%, after: { 100%: 1h..2d }, overtaken: 30% }
silence:   { stores-a-day: 5%, for: 1h..12h, catch-up: 20x }
skew:      { stores-a-day: 10%, by: -3h..3h }
drift:     [ { at: 2024-01-20, rename: unit_price, to: price_usd }, { at: 2024-02-02, add: channel } ]
`
const TYPED = '--without malformed,corrected,deleted,drift,skew'

async function exported(cwd: string, line: string): Promise<string> {
  writeFileSync(path.join(cwd, 'mine.yaml'), PROFILE)
  const { code, stderr } = await retail(`backfill --faults mine.yaml --workers 1 ${WORLD} ${line}`, { cwd })
  expect(code, stderr).toBe(0)
  return cwd
}

/** Names of all files in a folder. */
const filesIn = (folder: string): string[] =>
  existsSync(folder)
    ? readdirSync(folder, { recursive: true, encoding: 'utf8' })
        .filter((name) => statSync(path.join(folder, name)).isFile())
        .sort()
    : []

/** Every file of events of an export, by its name. */
const bytesIn = (folder: string): Record<string, string> =>
  Object.fromEntries(
    filesIn(folder)
      .filter((name) => /^(transactions|inventories)/.test(name))
      .map((name) => [
        name,
        createHash('sha256')
          .update(readFileSync(path.join(folder, name)))
          .digest('hex'),
      ]),
  )

test.each([
  ['ndjson', ''],
  ['csv', '--without malformed,corrected,deleted,drift'],
  ['parquet', TYPED],
])('files of %s are the same for shards, threads, lost files, and a history that is extended', async (format, more) => {
  const cwd = freshFolder()
  const line = `--format ${format} ${more}`
  await exported(cwd, `--out whole ${DAYS} ${line}`)
  const whole = bytesIn(path.join(cwd, 'whole'))
  expect(Object.keys(whole).length).toBeGreaterThan(3)
  for (const shard of ['2/2', '1/2']) await exported(cwd, `--out shards ${DAYS} ${line} --shard ${shard}`)
  expect(bytesIn(path.join(cwd, 'shards'))).toEqual(whole)
  // What a kill leaves: some parts.
  for (const [i, name] of Object.keys(whole).entries()) if (i % 2 === 1) rmSync(path.join(cwd, 'shards', name))
  await exported(cwd, `--out shards ${DAYS} ${line} --workers 2`)
  expect(bytesIn(path.join(cwd, 'shards'))).toEqual(whole)
  for (const to of ['2024-01-10', '2024-02-03', '2024-02-06'])
    await exported(cwd, `--out grown --from 2024-01-01 --to ${to} ${line}`)
  expect(bytesIn(path.join(cwd, 'grown'))).toEqual(whole)
})

test('a file has the copies that arrive in its month, as the answer key says', async () => {
  const cwd = await exported(freshFolder(), `--out out ${DAYS} --format ndjson`)
  const key = await retail(`faults list mine.yaml ${WORLD} ${DAYS} --until 2024-02-07`, { cwd })
  const answers = new Map<string, Answer>()
  for (const line of key.stdout.trim().split('\n').slice(1)) {
    const answer = JSON.parse(line) as Answer
    answers.set(answer.id, answer)
  }
  const clean = await retail(`backfill --out clean ${WORLD} ${DAYS} --format ndjson`, { cwd })
  expect(clean.code).toBe(0)
  const linesOf = (folder: string, month: string) =>
    filesIn(path.join(cwd, folder))
      .filter((name) => name.includes(`/${month}/`))
      .flatMap((name) =>
        readFileSync(path.join(cwd, folder, name), 'latin1')
          .trimEnd()
          .split('\n'),
      )
  const idIn = (line: string) => /^\{"\w+_id":"([TI][\d-]{18})"/.exec(line)?.[1]
  for (const month of ['2024-01', '2024-02']) {
    const copies = new Map<string, number>()
    for (const line of linesOf('out', month)) {
      const id = idIn(line)
      if (id) copies.set(id, (copies.get(id) ?? 0) + 1)
    }
    // A damaged event may have no id.
    for (const { id, kind, sent } of answers.values()) {
      const arrived = sent.filter(({ at }) => at.startsWith(month)).length
      if (kind !== 'malformed') expect(copies.get(id) ?? 0, `${id} ${kind}`).toBe(arrived)
      copies.delete(id)
    }
    for (const line of linesOf('clean', month)) {
      const id = idIn(line)!
      if (answers.has(id)) continue
      expect(copies.get(id), id).toBe(1)
      copies.delete(id)
    }
    expect([...copies.keys()]).toEqual([])
  }
  const late = [...answers.values()].filter(({ event_time, sent }) =>
    sent.some(({ at }) => at.slice(0, 7) > event_time.slice(0, 7)),
  )
  expect(late.length).toBeGreaterThan(20)
})

test('files of every format hold the same rows', async () => {
  const cwd = freshFolder()
  const formats = ['parquet', 'csv', 'ndjson']
  for (const format of formats) await exported(cwd, `--out ${format} ${DAYS} --format ${format} ${TYPED}`)
  await using database = await openDatabase(':memory:')
  for (const table of ['transactions', 'inventories']) {
    const rowsOf = (format: string) =>
      `SELECT * REPLACE (CAST(timestamp AS TIMESTAMP) AS timestamp) FROM '${path.join(cwd, format, table, '*/*.')}${format}'`
    const count = async (sql: string) =>
      Number((await database.query<{ n: bigint }>(`SELECT count(*) AS n FROM (${sql})`))[0].n)
    expect(await count(rowsOf('parquet'))).toBeGreaterThan(1_000)
    for (const format of ['csv', 'ndjson'])
      for (const [one, other] of [
        [format, 'parquet'],
        ['parquet', format],
      ])
        expect(await count(`${rowsOf(one)} EXCEPT ALL ${rowsOf(other)}`), `${one} − ${other}`).toBe(0)
  }
})

test('grade puts every difference of the files down to its fault', async () => {
  const cwd = await exported(freshFolder(), `--out out ${DAYS} --format ndjson`)
  const { code, stdout } = await retail(
    `grade --transactions out/transactions/*/*.ndjson ${WORLD} --from 2024-01-01 --until 2024-02-07 --delivered 2024-02-07 --faults mine.yaml --json`,
    { cwd },
  )
  expect(code).toBe(6)
  const [{ unexplained, counts }] = JSON.parse(stdout).tables
  expect(unexplained).toEqual({ missing: 0, doubled: 0, changed: 0, unexpected: 0, dirty: 0 })
  expect(counts.doubled).toBeGreaterThan(50)
})

test.each([
  ['--out out --faults hostile', '--format parquet cannot carry malformed and skew events', '--without malformed,skew'],
  ['--out out --format csv --faults changelog', '--format csv cannot carry corrected and deleted events', 'ndjson'],
  ['--faults rough', '--faults needs --out with a folder', 'the lake keeps each event exactly once'],
  ['--out - --format csv --table transactions --faults rough', '--faults needs --out with a folder', 'stream --to -'],
  ['--out out --without late', '--without needs --faults', '--faults rough'],
  ['--to postgres://localhost:9/shop --faults rough', '--faults', 'omit --faults'],
  ['--out out --format ndjson --faults rogh', 'there is no profile rogh', 'did you mean rough?'],
])('backfill %s is refused before anything is written', async (line, message, more) => {
  const cwd = freshFolder()
  const { code, stderr } = await retail(`backfill ${line} ${WORLD}`, { cwd, columns: 400 })
  expect(code).toBe(2)
  expect(stderr).toContain(message)
  expect(stderr).toContain(more)
  expect(filesIn(cwd)).toEqual([])
})

test('a folder belongs to one profile', async () => {
  const cwd = await exported(freshFolder(), '--out out --to 2024-01-02 --format ndjson')
  for (const faults of ['--faults rough', '']) {
    const { code, stderr } = await retail(`backfill ${WORLD} --out out --to 2024-01-02 --format ndjson ${faults}`, {
      cwd,
    })
    expect(code).toBe(2)
    expect(stderr).toContain('contains an export with the faults')
  }
})
