import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openPostgres } from '../src/adapters/destinations/postgres.ts'
import { type PostgresPlace, parseWhere } from '../src/config/where.ts'
import { sourceOf } from '../src/pipeline/live/destination-sink.ts'
import type { StreamToResult } from '../src/pipeline/results.ts'
import { destinationContract } from '../src/ports/destination.contract.ts'
import { columnsOf, facts, tables } from '../src/tables/index.ts'
import { type Received, receivedOf } from './events.ts'
import { type PostgresServer, startPostgres } from './peers/postgres.ts'
import { EXPECTED, FLAGS, FROM, killedOften, lineOf, streamShards, UNTIL } from './streamed.ts'
import { bin, freshFolder, json, retail, start } from './tool.ts'
import { shopWorld } from './worlds.ts'

const linesOf = (file: string): string[] => readFileSync(file, 'utf8').split('\n').filter(Boolean)

test('a reader that leaves ends stream --to - without a word', () => {
  const line = `stream --to - ${FLAGS} --from ${FROM} --speed max -q`
  const out = execFileSync(
    'bash',
    ['-c', `"$0" "$1" ${line} 2>err | head -3; echo "\${PIPESTATUS[0]}"; cat err`, process.execPath, bin],
    { encoding: 'utf8', cwd: freshFolder() },
  )
  const lines = out.trim().split('\n')
  expect(lines).toHaveLength(4)
  expect(lines[3]).toBe('0')
})

test('files are exact after kills', async () => {
  const folder = freshFolder()
  const to = 'ndjson:events?size=1MB&age=300ms'
  await killedOften(folder, to, 17, 5)
  const events = path.join(folder, 'events')
  const received = readdirSync(events)
    .filter((name) => name.startsWith('2'))
    .flatMap((name) =>
      facts.flatMap((fact) =>
        linesOf(path.join(events, name, `${fact.name}.ndjson`)).map((line) => receivedOf(line, fact.name)),
      ),
    )
  expect(received.map(lineOf).sort()).toEqual(EXPECTED)
})

/** When a stream with --json runs: it has its destination. */
async function progressOf({ stdout }: ReturnType<typeof start>): Promise<void> {
  let said = ''
  await new Promise<void>((resolve) => {
    stdout!.on('data', (chunk) => (said += chunk).includes('"type":"progress"') && resolve())
  })
}

describe('postgres', () => {
  let server: PostgresServer
  beforeAll(async () => {
    server = await startPostgres()
  })
  afterAll(() => server.stop())

  async function receivedIn(url: string, schema: 'strict' | 'extended' = 'strict'): Promise<Received[]> {
    const all = facts.map(async ({ name }) => {
      const columns = columnsOf(tables[name], schema).map(([column, { type }]) =>
        type === 'timestamp' ? `to_char(${column} AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS') AS ${column}` : column,
      )
      const sql = `SELECT row_to_json(t)::text AS line FROM (SELECT ${columns.join(', ')} FROM retail.${name} ORDER BY ctid) AS t`
      return (await server.query<{ line: string }>(url, sql)).map(({ line }) => receivedOf(line, name))
    })
    return (await Promise.all(all)).flat()
  }

  destinationContract('postgres', {
    keepsPosition: true,
    order: 'of the timeline',
    async place() {
      const url = await server.newDatabase()
      const place = parseWhere(url, '/') as PostgresPlace
      let schema: 'strict' | 'extended' = 'strict'
      return {
        where: place,
        open(source, signal) {
          schema = source.schema
          return openPostgres(place, source, signal)
        },
        received: () => receivedIn(url, schema),
      }
    },
  })

  test('has each event once after kills of the stream and of the server', async () => {
    const folder = freshFolder()
    const url = await server.newDatabase()
    await killedOften(folder, url, 18, 10, { restart: () => server.restart() })
    expect((await receivedIn(url)).map(lineOf).sort()).toEqual(EXPECTED)
  })

  test('has each event once from shards, one of them killed, that continue history; nothing else writes beside them', async () => {
    const folder = freshFolder()
    const url = await server.newDatabase()
    await streamShards(folder, url, 54)
    expect((await receivedIn(url)).map(lineOf).sort()).toEqual(EXPECTED)
    const line = (more: string) => retail(folder, `${more} ${FLAGS}`)
    for (const other of ['', '--shard 1/2']) {
      const { code, stderr } = await line(`stream --to ${url} --max-events 1 ${other}`)
      expect([code, stderr]).toEqual([2, expect.stringMatching(/they are of shard \d\/3/)])
    }
    expect(await line(`backfill --to ${url}`)).toMatchObject({ code: 2 })

    // Shards share the tables with each other, and with nobody else.
    const history = `${url}?schema=history`
    expect(await line(`backfill --to ${history}`)).toMatchObject({ code: 0 })
    const shard = `stream --shard 1/2 --to ${history} ${FLAGS}`
    const running = start(folder, `${shard} --rate 100 --json`)
    await progressOf(running)
    for (const beside of [`stream --max-events 1 --shard 1/2`, 'stream --max-events 1', 'backfill'])
      expect(await line(`${beside} --to ${history}`), beside).toMatchObject({ code: 2 })
    const second = await json<StreamToResult>(folder, `${shard.replace('1/2', '2/2')} --speed max --max-events 50`)
    expect(second).toMatchObject({ code: 0, from: '2024-04-01T00:00:00Z' })
    running.kill('SIGTERM')
    expect((await running.ended).code).toBe(143)
  })

  test('shards of another number do not begin beside those that have not delivered anything yet', async () => {
    const place = parseWhere(await server.newDatabase(), '/') as PostgresPlace
    const open = (index: number, count: number) =>
      openPostgres(place, sourceOf(shopWorld({ stores: 40 }), undefined, { index, count }), undefined)
    await using _first = await open(0, 2)
    await using _second = await open(1, 2)
    await expect(open(2, 3)).rejects.toMatchObject({ code: 'busy' })
  })

  test('has the rows of files, with the same faults, and refuses what a typed table cannot hold', async () => {
    const folder = freshFolder()
    const url = await server.newDatabase()
    const line = `${FLAGS} --from ${FROM} --until ${UNTIL} --speed max --faults hostile --drain`
    expect(await retail(folder, `stream --to ${url} ${line}`)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('--without malformed'),
    })
    expect((await json(folder, `stream --to ${url} ${line} --without malformed`)).code).toBe(0)
    const printed = await retail(folder, `stream --to - ${line} --without malformed -q`)
    const sent = printed.stdout.split('\n').filter(Boolean)
    expect((await receivedIn(url)).map(lineOf).sort()).toEqual(sent.map((each) => lineOf(receivedOf(each))).sort())
  })

  test('says what is wrong, with the address', async () => {
    const folder = freshFolder()
    const url = await server.newDatabase()
    const run = (to: string) => retail(folder, `stream --to ${to} ${FLAGS} --from ${FROM} --speed max --max-events 10`)
    expect((await run(url)).code).toBe(0)
    // A reserved word.
    expect((await run(`${url}?schema=user`)).code).toBe(0)
    await server.query(
      url,
      `CREATE SCHEMA other; CREATE ROLE reader LOGIN;
       CREATE TABLE other.transactions (LIKE retail.transactions); CREATE TABLE other.inventories (LIKE retail.inventories);
       ALTER TABLE other.transactions DROP COLUMN quantity, ADD COLUMN note text NOT NULL, ADD COLUMN seen timestamptz DEFAULT now();
       ALTER TABLE other.inventories ALTER COLUMN quantity_change TYPE text`,
    )
    const wrong = {
      'of a user without rights': await run(url.replace('retail@', 'reader@')),
      'without encryption': await run(`${url}?sslmode=require`),
      'of another user': await run(url.replace('retail@', 'nobody@')),
      'of another database': await run(url.replace(/shop\d+/, 'nowhere')),
      'of another host': await run('postgres://retail@no-such-host.invalid/shop'),
      'with a password': await run(url.replace('retail@', 'retail:secret@')),
      'of another world': await retail(folder, `stream --to ${url} --stores 2 --max-events 1`),
      'with other columns': await retail(folder, `stream --to ${url}?schema=other ${FLAGS} --speed max --max-events 1`),
    }
    const masked = (text: string) =>
      text
        .replaceAll(`${server.port}`, 'PORT')
        .replace(/shop\d+/g, 'shop')
        .replace(/\([0-9a-f]{16}\)/, '(WORLD)')
    expect(
      Object.fromEntries(
        Object.entries(wrong).map(([what, { code, stderr }]) => [what, { code, stderr: masked(stderr) }]),
      ),
    ).toMatchSnapshot()
  })

  test('has one stream at a time', async () => {
    const folder = freshFolder()
    const url = await server.newDatabase()
    const line = `stream --to ${url} ${FLAGS} --from ${FROM} --rate 100`
    const first = start(folder, `${line} --json`)
    await progressOf(first)
    expect(await retail(folder, `${line} --max-events 1`)).toMatchObject({ code: 2 })
    first.kill('SIGTERM')
    expect((await first.ended).code).toBe(143)
  })

  test('that goes away makes the stream wait, and say so', async () => {
    const folder = freshFolder()
    const url = await server.newDatabase()
    const child = start(folder, `stream --to ${url} ${FLAGS} --from ${FROM} --rate 200`)
    let said = ''
    const heard = (words: string) =>
      new Promise<void>((resolve) => child.stderr!.on('data', (chunk) => (said += chunk).includes(words) && resolve()))
    await heard('events')
    await server.kill()
    await heard('has taken no events for')
    await server.start()
    expect(said).toContain('ECONNREFUSED')
    const before = (await receivedIn(url)).length
    await expect.poll(async () => (await receivedIn(url)).length, { timeout: 30_000 }).toBeGreaterThan(before)
    child.kill('SIGINT')
    const { code, stdout } = await child.ended
    expect(code).toBe(130)
    const [, events] = /events +([\d,]+)/.exec(stdout)!
    expect((await receivedIn(url)).length).toBe(Number(events.replace(',', '')))
  })
})

test('files with faults are the same after kills, byte by byte', async () => {
  const folder = freshFolder()
  const linesIn = (name: string) =>
    facts.map((fact) =>
      readdirSync(path.join(folder, name))
        .filter((batch) => batch.startsWith('2'))
        .sort()
        .map((batch) => readFileSync(path.join(folder, name, batch, `${fact.name}.ndjson`), 'latin1'))
        .join(''),
    )
  const flags = ' --faults hostile --drain'
  await killedOften(folder, 'ndjson:killed?size=1MB&age=300ms', 23, 4, { flags })
  await killedOften(folder, 'ndjson:once', 23, 0, { flags })
  expect(linesIn('killed')).toEqual(linesIn('once'))
  // What is drained is not sent again.
  const later = await json(folder, `stream --to ndjson:once ${FLAGS} --until ${UNTIL} --speed max${flags}`)
  expect(later).toMatchObject({ code: 0, events: 0, stoppedBy: 'already-past' })
})

test('streams to two places run side by side, and leave nothing else behind', async () => {
  const folder = freshFolder()
  const runs = ['a', 'b'].map(
    (name) => start(folder, `stream --to ndjson:${name} ${FLAGS} --from ${FROM} --rate 500 --duration 2s`).ended,
  )
  expect((await Promise.all(runs)).map(({ code }) => code)).toEqual([0, 0])
  expect(readdirSync(folder).sort()).toEqual(['a', 'b'])
})
