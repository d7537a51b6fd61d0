import { afterAll, beforeAll, expect, test } from 'vitest'
import { keyedRng } from '../src/random/rng.ts'
import { columnsOf, facts, type TableName, tables, tablesOf } from '../src/tables/index.ts'
import { type PostgresServer, startPostgres } from './peers/postgres.ts'
import { freshFolder, json, retail, start } from './tool.ts'

const WORLD = '--stores 70 --products 40 --lines-per-store-day 8'
const TO = '2024-02-20'

let server: PostgresServer
beforeAll(async () => {
  server = await startPostgres()
})
afterAll(() => server.stop())

/** Every row of a table as text, in order. */
async function rowsIn(url: string, name: TableName): Promise<string[]> {
  const columns = columnsOf(tables[name], 'strict').map(([column, { type }]) =>
    type === 'timestamp' ? `to_char(${column} AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS')` : `${column}::text`,
  )
  const sql = `SELECT concat_ws('|', ${columns.join(', ')}) AS line FROM retail.${name} ORDER BY 1`
  return (await server.query<{ line: string }>(url, sql)).map(({ line }) => line)
}

/** The same from an export. */
async function rowsOf(name: TableName, line: string): Promise<string[]> {
  const { stdout } = await retail(freshFolder(), `backfill --out - --format csv --table ${name} ${WORLD} ${line} -q`)
  const lines = stdout.trim().split('\n').slice(1)
  // A cell with a comma is quoted.
  return lines
    .map((text) =>
      [...text.matchAll(/("[^"]*"|[^,]*)(?:,|$)/g)]
        .slice(0, -1)
        .map(([, cell]) => cell.replaceAll('"', ''))
        .join('|'),
    )
    .sort()
}

const NAMES = tablesOf('strict').map(({ name }) => name)

/** Ends every third session that has copied a part and is about to record it. */
const DYING_SESSIONS = `CREATE SEQUENCE retail.recorded;
  CREATE FUNCTION retail.die() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF nextval('retail.recorded') % 3 = 0 THEN PERFORM pg_terminate_backend(pg_backend_pid()), pg_sleep(1); END IF;
    RETURN NEW;
  END $$;
  CREATE TRIGGER die BEFORE UPDATE ON retail.backfill_parts FOR EACH ROW EXECUTE FUNCTION retail.die()`

test('has the rows of an export after kills of everything, keys, and live events after them', async () => {
  const folder = freshFolder()
  const url = await server.newDatabase()
  const rng = keyedRng(23, 0, 0)
  const line = `backfill --to ${url} --to ${TO} ${WORLD}`
  expect(await json(folder, `backfill --to ${url} --to 2024-01-05 ${WORLD}`)).toMatchObject({ code: 0, complete: true })
  await server.query(url, DYING_SESSIONS)
  let kills = 0
  for (let i = 0; i < 3; i++) {
    const child = start(folder, line)
    const timer = setTimeout(() => (i === 1 ? void server.restart() : child.kill('SIGKILL')), 500 + rng.below(900))
    const { code, signal, stderr } = await child.ended
    clearTimeout(timer)
    if (signal) kills++
    else expect(code, stderr).toBe(0)
  }
  expect(kills).toBeGreaterThan(0)
  const done = await json(folder, line)
  expect(done).toMatchObject({ code: 0, complete: true, allShards: true })
  for (const name of NAMES) expect(await rowsIn(url, name), name).toEqual(await rowsOf(name, `--to ${TO}`))
  expect(await json(folder, line)).toMatchObject({ code: 0, parts: { made: 0, longer: 0 }, rows: { transactions: 0 } })

  // A later end adds days; shards in any order, side by side.
  const longer = (shard: number) => json(folder, `backfill --to ${url} --to 2024-03-05 ${WORLD} --shard ${shard}/2`)
  const [one, two] = await Promise.all([longer(1), longer(2)])
  expect([one.code, two.code]).toEqual([0, 0])
  expect([one.allShards, two.allShards]).toContain(true)
  for (const { name } of facts) expect(await rowsIn(url, name), name).toEqual(await rowsOf(name, '--to 2024-03-05'))

  const streamed = await json(folder, `stream --to ${url} ${WORLD} --speed max --until 2024-04-02`)
  expect(streamed).toMatchObject({ code: 0, from: '2024-03-06T00:00:00Z' })
  for (const { name } of facts) expect(await rowsIn(url, name), name).toEqual(await rowsOf(name, '--to 2024-04-01'))
  const keys = await server.query<{ name: string }>(
    url,
    "SELECT (SELECT relname::text FROM pg_class WHERE oid = conrelid) AS name FROM pg_constraint WHERE contype = 'p' AND conparentid = 0 AND connamespace = 'retail'::regnamespace ORDER BY 1",
  )
  expect(keys.map(({ name }) => name)).toEqual(expect.arrayContaining(NAMES))

  const over = await retail(folder, `backfill --to ${url} --to 2024-04-10 ${WORLD}`)
  expect(over).toMatchObject({ code: 2, stderr: expect.stringContaining('--to 2024-03-05') })
  const other = await retail(folder, `backfill --to ${url} --stores 3`)
  expect(other).toMatchObject({ code: 2, stderr: expect.stringContaining('another schema') })
})

test('refuses anything but a database', async () => {
  const folder = freshFolder()
  const wrong = ['kafka://localhost', '-', 'ndjson:events', 'nowhere', 'postgres://retail@no-such-host.invalid/shop']
  const said = await Promise.all(
    wrong.map(async (to) => [to, await retail(folder, `backfill --to ${to} ${WORLD}`)] as const),
  )
  expect(said.map(([to, { code, stderr }]) => ({ to, code, stderr }))).toMatchSnapshot()
})
