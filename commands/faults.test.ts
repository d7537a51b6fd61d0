import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { openDatabase } from '../src/adapters/local/duckdb.ts'
import { freshFolder, retail } from '../test/front-door.ts'

const SHOP = '--stores 3 --products 20 --lines-per-store-day 40'

test.each(['mild', 'rough', 'hostile', 'changelog'])(
  'faults explain %s prints a profile that can be saved and used',
  async (name) => {
    const cwd = freshFolder()
    const { stdout } = await retail(`faults explain ${name} --yaml`, { cwd })
    writeFileSync(path.join(cwd, 'mine.yaml'), stdout)
    const [built, saved] = await Promise.all(
      [name, 'mine.yaml'].map((profile) => retail(`faults explain ${profile} ${SHOP} --json`, { cwd })),
    )
    expect(saved).toEqual(built)
    expect(built.code).toBe(0)
  },
)

test('faults explain shows each kind with an example', async () => {
  expect(
    (await retail(`faults explain hostile --stores 30 --products 20 --lines-per-store-day 200`)).stdout,
  ).toMatchSnapshot()
})

test('faults explain shows what a profile changes, with the versions of an example', async () => {
  const cwd = freshFolder()
  writeFileSync(
    path.join(cwd, 'mine.yaml'),
    `${CHANGES}\ndrift: [{ at: 2024-01-02, rename: unit_price, to: price_usd }]`,
  )
  const { stdout } = await retail(`faults explain mine.yaml ${SHOP}`, { cwd, columns: 400 })
  expect(stdout).toMatch(/corrected {2}6 % of events +the event has a wrong value, and a second version corrects it/)
  expect(stdout).toMatch(
    /corrected +\S+ of .* arrives at .* \(a wrong value, insert, version 1\), .* \(update, version 2\)/,
  )
  expect(stdout).toMatch(/deleted +T2401\d{2}-000\d-500\d{3} of .* \(insert, version 1\), .* \(delete, version 2\)/)
  expect(stdout).toContain('drift { at: 2024-01-02T00:00:00Z, table: transactions, rename: unit_price, to: price_usd }')
})

const CHANGES = ['corrected', 'deleted'].map((kind) => `${kind}: { rate: 6%, after: { 100%: 1h..2h } }`).join('\n')

test('Avro, which cannot carry versions, refuses them before anything is sent', async () => {
  const to = 'kafka://localhost:9?format=avro&registry=http://localhost:9'
  const { code, stderr } = await retail(`stream --to ${to} --until 2024-01-02 --faults changelog ${SHOP}`, {
    cwd: freshFolder(),
    columns: 400,
  })
  expect(code).toBe(2)
  expect(stderr).toContain(`cannot carry corrected and deleted events`)
  expect(stderr).toContain('its fields have types')
  expect(stderr).toContain('--without corrected,deleted')
})

test('faults explain leaves out no kind, and says which has no example', async () => {
  for (const profile of ['mild', 'rough', 'hostile', 'changelog']) {
    const { stdout } = await retail(`faults explain ${profile} --stores 1 --products 20 --lines-per-store-day 2`)
    const [table, examples] = stdout.split('Examples:').map((part) => part.match(/^ {2}[a-z]+(?= {2})/gm))
    expect(examples).toEqual(table!.filter((kind) => kind !== '  kind'))
  }
})

test('faults explain shows a drift as the profile has it', async () => {
  const cwd = freshFolder()
  writeFileSync(path.join(cwd, 'mine.yaml'), 'drift: [{ at: 2024-04-02, add: channel }]')
  const { stdout } = await retail(`faults explain mine.yaml ${SHOP}`, { cwd })
  expect(stdout).toContain('drift { at: 2024-04-02T00:00:00Z, table: transactions, add: channel }')
  expect(stdout).toMatch(/drift +T2404\d\d-\d{4}-\d{6} of 2024-04-0\d/)
  expect(stdout).toContain('every event arrives when it occurs')
})

describe('a profile that cannot be used', () => {
  test.each([
    ['late: [1', /^ {2}mine.yaml:1:9 /m],
    ['late: { rate: 5% }', /mine.yaml:1:1 late.by: expected a section, got nothing/],
    [
      'drift: [{ at: 2024-04-02, table: foo, add: x }]',
      /does not fit foo: \{ at: 2024-04-02T00:00:00Z, table: foo, add: x \}/,
    ],
    [Array.from({ length: 40 }, (_, i) => `k${i}: 1`).join('\n'), /… and 30 more$/m],
  ])('%j', async (text, words) => {
    const cwd = freshFolder()
    writeFileSync(path.join(cwd, 'mine.yaml'), text)
    const { code, stderr } = await retail(`faults explain mine.yaml ${SHOP}`, { cwd })
    expect(code).toBe(2)
    expect(stderr).toMatch(words)
    // It shows retail.yaml, which has nothing to do with it.
    expect(stderr).not.toContain('status --config')
  })

  test('a folder', async () => {
    const cwd = freshFolder()
    mkdirSync(path.join(cwd, 'mine.yaml'))
    const { code, stderr } = await retail(`faults explain mine.yaml ${SHOP}`, { cwd })
    expect({ code, stderr }).toMatchObject({ code: 2, stderr: expect.stringContaining('faults explain rough --yaml') })
  })
})

describe('faults list', () => {
  const list = async (line: string) => {
    const { code, stdout } = await retail(`faults list ${line}`, { cwd: freshFolder() })
    expect(code).toBe(0)
    return stdout
      .trim()
      .split('\n')
      .map((each) => JSON.parse(each))
  }

  test('needs no lake, and selects kinds, tables, and days', async () => {
    const days = '--from 2024-01-03 --to 2024-01-05'
    const [head, ...all] = await list(`hostile ${SHOP} ${days}`)
    expect(head).toMatchObject({ from: '2024-01-03', to: '2024-01-05', world: expect.any(String) })
    const kinds = new Set(all.map(({ kind }) => kind))
    expect(kinds.size).toBeGreaterThan(3)
    const few = await list(`hostile ${SHOP} ${days} --kind late,lost --table inventories`)
    const chosen = all.filter(({ kind, table }) => ['late', 'lost'].includes(kind) && table === 'inventories')
    expect(few.slice(1)).toEqual(chosen)
    const without = await list(`hostile ${SHOP} ${days} --without late`)
    expect(without.slice(1).map(({ id }) => id)).toEqual(
      all.filter(({ kind, also = [] }) => kind !== 'late' || also.length > 0).map(({ id }) => id),
    )
  })

  test('is the same in every format', async () => {
    const line = `hostile ${SHOP} --from 2024-01-03 --to 2024-01-04`
    const [head, ...all] = await list(line)
    const cwd = freshFolder()
    const csv = await retail(`faults list ${line} --format csv`, { cwd })
    writeFileSync(path.join(cwd, 'key.csv'), csv.stdout)
    const bytes: Buffer[] = []
    expect((await retail(`faults list ${line} --format parquet`, { cwd, bytes })).code).toBe(0)
    writeFileSync(path.join(cwd, 'key.parquet'), Buffer.concat(bytes))
    await using database = await openDatabase(':memory:')
    const file = (name: string) => `'${path.join(cwd, name)}'`
    const time = (name: string) => `strftime(${name}, '%Y-%m-%dT%H:%M:%SZ')`
    const rows = async (from: string, sent: string) =>
      await database.query<{ id: string; right: string; n: number }>(
        `SELECT id, kind, form, "right", ${time('event_time')} AS event_time, CAST(${sent} AS INTEGER) AS n FROM ${from} ORDER BY "table" DESC, id`,
      )
    const expected = all.map(({ id, kind, form = null, right, event_time, sent }) => ({
      ...{ id, kind, form, right, event_time },
      n: sent.length,
    }))
    await database.run("SET TimeZone = 'UTC'")
    expect(await rows(`read_csv(${file('key.csv')})`, 'json_array_length(sent)')).toEqual(expected)
    expect(await rows(file('key.parquet'), 'len(sent)')).toEqual(expected)
    const about = await database.query<{ key: string; value: string }>(
      `SELECT decode(key) AS key, decode(value) AS value FROM parquet_kv_metadata(${file('key.parquet')})`,
    )
    expect(Object.fromEntries(about.map(({ key, value }) => [key, value]))).toEqual(head)
  })

  test('says which copies are on their way at an instant', async () => {
    const until = '2024-01-03T12:00:00Z'
    const [, ...all] = await list(`hostile ${SHOP} --from 2024-01-03 --until ${until}`)
    for (const { sent, on_its_way = [] } of all) {
      expect(sent.every(({ at }: { at: string }) => at < until)).toBe(true)
      expect(on_its_way.every(({ at }: { at: string }) => at >= until)).toBe(true)
    }
    expect(all.some(({ on_its_way }) => on_its_way)).toBe(true)
  })
})

test.each([
  ['explain roug', 'there is no profile roug', 'did you mean rough?'],
  ['list rough --kind lat', "argument 'lat' is invalid", 'did you mean late?'],
  ['list rough --yaml', '--yaml works only with explain', 'list prints events'],
  ['explain rough --format csv', '--format works only with list', 'not the events of a period'],
  ['explain rough --from 2024-01-01', '--from works only with list', 'not the events of a period'],
  [`list rough ${SHOP} --from 2023-01-01`, 'no event occurs between', 'the world starts on 2024-01-01'],
])('faults %s is refused', async (line, message, why) => {
  const { code, stderr } = await retail(`faults ${line}`)
  expect(code).toBe(2)
  expect(stderr).toContain(message)
  expect(stderr).toContain(why)
})

test.each([
  ['lost: { rate: 20% }', 'mine.yaml:1:15 lost.rate: expected a share of at most 6.25%, got "20%"'],
  ['late: { rate: 1%, by: { 60%: 1m..2m } }', 'expected shares that add up to 100%'],
  ['late: { rate: 1%, by: { 100%: 1h..5d } }', 'longer than max (raise max, or shorten it)'],
  ['disordr: { rate: 1% }', 'did you mean disorder?'],
  ['silence: { stores-a-day: 1%, for: 1h..30h, catch-up: 20x }', 'expected a silence of at most 1d'],
  ['drift: [ { at: 2024-04-01, widen: price } ]', 'the columns of whole numbers are quantity'],
  ['drift: [ { at: 2024-04-01, add: quantity } ]', 'a name in lower case that the table does not have'],
  ['drift: [ { at: 2024-04-01, rename: quantity } ]', 'or {at: 2024-04-30, rename: COLUMN, to: NAME}'],
  ['drift: [ { at: 2024-04-01, rename: price, to: x } ]', 'the columns are product_id, timestamp, quantity'],
  ['drift: [ { at: 2024-04-01, rename: transaction_id, to: id } ]', 'without its id, nobody could follow an event'],
  ['drift: [ { at: 2024-04-01, rename: quantity, to: store_id } ]', 'that the table does not have'],
  [
    'drift: [ { at: 2024-04-01, rename: quantity, to: qty }, { at: 2024-04-02, add: qty } ]',
    'add: qty } has the same name',
  ],
  [
    'deleted: { rate: 1%, after: { 100%: 1m..2m } }\ndrift: [ { at: 2024-04-01, add: version } ]',
    'that the table does not have',
  ],
  ['corrected: { rate: 7%, after: { 100%: 1m..2m } }', 'corrected.rate: expected a share of at most 6.25%'],
  ['deleted: { rate: 1%, after: { 100%: 1m..5d } }', 'longer than max'],
  ['deletd: { rate: 1% }', 'did you mean deleted?'],
  ['late: [', 'mine.yaml:'],
])('a profile with %s is refused with its place', async (text, message) => {
  const cwd = freshFolder()
  writeFileSync(path.join(cwd, 'mine.yaml'), text)
  const { code, stderr } = await retail('faults explain mine.yaml', { cwd, columns: 400 })
  expect(code).toBe(2)
  expect(stderr.replace(/\s+/g, ' ')).toContain(message)
})
