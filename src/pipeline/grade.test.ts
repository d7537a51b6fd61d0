import fs from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { freshFolder } from '../../test/front-door.ts'
import type { CorruptRow } from '../../test/grade/corrupt.ts'
import { DAYS, failuresOf, gradedShop, lineOf } from '../../test/grade/graded.ts'
import { SECONDS_PER_DAY } from '../time.ts'

const shops = { strict: gradedShop('strict'), extended: gradedShop('extended') }
const shop = shops.strict
const sales = shop.rows('transactions')

test.each(['quantity', 'unit_price', 'product_id', 'timestamp'])(
  'a value of %s that moved to another row of the same store and day is found',
  async (column) => {
    // The sums of all values stay the same.
    const head = ({ transaction_id }: CorruptRow) => transaction_id!.slice(0, 13)
    const at = sales.findIndex(
      (row, i) => i > 0 && head(row) === head(sales[i - 1]) && row[column] !== sales[i - 1][column],
    )
    const [a, b] = [sales[at - 1], sales[at]]
    const moved = new Map([
      [a, { ...a, [column]: b[column] }],
      [b, { ...b, [column]: a[column] }],
    ])
    const result = await shop.gradeRows({ transactions: sales.map((row) => moved.get(row) ?? row) })
    expect(result.tables[0].differences.map(lineOf)).toEqual(
      [a, b].map(({ transaction_id }) => `changed ${transaction_id} ${column}`),
    )
  },
)

test('a grade that is stopped says so, whatever it was doing', async () => {
  for (const at of ['reading', 'adding up', 'regenerating', 'looking at']) {
    const stop = new AbortController()
    const onStep = (step: string) => step.startsWith(at) && stop.abort()
    const graded = shop.gradeRows({ transactions: sales.slice(5) }, { signal: stop.signal, onStep })
    await expect(graded, at).rejects.toMatchObject({ code: 'stopped' })
  }
})

test('a cause is not said of every row if it holds for some', async () => {
  const busy = gradedShop('strict', { lines: 200 })
  const rows = busy
    .rows('transactions')
    .map((row, i): CorruptRow => (i % 4 === 0 ? { ...row, quantity: `${Number(row.quantity) + 1}` } : row))
  const { tables } = await busy.gradeRows({ transactions: rows })
  expect(tables[0].causes).toEqual([`${Math.ceil(rows.length / 4)} cells of quantity: 1 too high`])
})

describe('a period', () => {
  const noon = shop.until - SECONDS_PER_DAY / 2
  const at = (row: CorruptRow) => Date.parse(`${row.timestamp!.replace(' ', 'T')}Z`) / 1000

  test('may be passed by rows that are right', async () => {
    const result = await shop.gradeRows({ transactions: sales }, { until: noon, from: noon - SECONDS_PER_DAY })
    const needed = sales.filter((row) => at(row) >= noon - SECONDS_PER_DAY && at(row) < noon)
    expect(failuresOf(result)).toEqual([])
    expect(result.tables[0]).toMatchObject({ expected: needed.length, beside: sales.length - needed.length })
  })

  test('needs no row outside of it, in any number', async () => {
    const some = sales.filter((row, i) => at(row) < noon || i % 3 === 0)
    expect(failuresOf(await shop.gradeRows({ transactions: some }, { until: noon }))).toEqual([])
  })

  test('may not be passed by rows that are wrong', async () => {
    const [late] = sales.filter((row) => at(row) >= noon)
    const wrong = sales.map((row) => (row === late ? { ...row, quantity: '99' } : row))
    const result = await shop.gradeRows({ transactions: wrong }, { until: noon })
    expect(result.tables[0].differences.map(lineOf)).toEqual([`changed ${late.transaction_id} quantity`])
  })

  test('must not be empty', async () => {
    const empty = shop.gradeRows({ transactions: sales }, { until: shop.world.from * SECONDS_PER_DAY })
    await expect(empty).rejects.toThrow('is not after the first row')
  })
})

describe('a systematic cause is one line', () => {
  /** What follows if no id can be read. */
  const ABSENT = '2024-01-01 … 2024-01-04: no rows'
  const hours = (row: CorruptRow, by: number) =>
    new Date(Date.parse(`${row.timestamp!.replace(' ', 'T')}Z`) + by * 3_600_000).toISOString()
  const causesOf = async (change: (row: CorruptRow) => CorruptRow) => {
    const rows = sales.map((row): CorruptRow => ({ ...row, ...change(row) }))
    return (await shop.gradeRows({ transactions: rows })).tables[0].causes
  }

  test.each([
    ['every timestamp is 5 h early: a zone', (row) => ({ timestamp: hours(row, -5) })],
    ['every timestamp is a day without its time', (row) => ({ timestamp: row.timestamp!.slice(0, 10) })],
    ['every timestamp is cut to the minute', (row) => ({ timestamp: `${row.timestamp!.slice(0, 16)}:00` })],
    [
      "every timestamp is 5 h to 7 h early: the store's local time",
      (row) => ({ timestamp: hours(row, -4 - Number(row.store_id!.slice(1))) }),
    ],
    ['every unit_price is 100 × as large: cents', (row) => ({ unit_price: row.unit_price!.replace('.', '') })],
    ['every quantity is negative: the sign is wrong', (row) => ({ quantity: `-${row.quantity}` })],
    ['every store_id is empty', () => ({ store_id: null })],
    [
      'every product_id is the member whose number is 1 too low',
      (row) => ({ product_id: `P${String(Number(row.product_id!.slice(1)) - 1).padStart(5, '0')}` }),
    ],
    ['every unit_price is not a value that can be compared, such as "n/a"', () => ({ unit_price: 'n/a' })],
    [
      'ids are written with spaces, such as "T240101-0001-000001 "',
      (row) => ({ transaction_id: `${row.transaction_id} ` }),
    ],
    [
      'ids are written in quotation marks and in lower case and without dashes, such as "\'t2401010001000001\'"',
      (row) => ({ transaction_id: `'${row.transaction_id!.toLowerCase().replaceAll('-', '')}'` }),
    ],
    [
      'no id is one of this world, which begin like T240101-0001-',
      (row) => ({ transaction_id: `x${row.transaction_id}` }),
    ],
  ] satisfies [string, (row: CorruptRow) => CorruptRow][])('%s', async (cause, change) => {
    expect((await causesOf(change)).filter((each) => each !== ABSENT)).toEqual([cause])
  })

  test('a cell that is right, and written in another form than most of its column, is named as such', async () => {
    const seconds = (row: CorruptRow) => `${Date.parse(`${row.timestamp}Z`) / 1000}`
    const rows = sales.map((row, i): CorruptRow => (i % 4 === 0 ? row : { ...row, timestamp: seconds(row) }))
    const { tables } = await shop.gradeRows({ transactions: rows })
    expect(tables[0].causes).toEqual([
      `${Math.ceil(rows.length / 4)} cells of timestamp: not written like the others of its column, such as "${sales[0].timestamp}"`,
    ])
  })

  test('from a sample, if more differs than can be looked at', async () => {
    const busy = gradedShop('strict', { lines: 200 })
    const rows = busy.rows('transactions').map((row): CorruptRow => ({ ...row, timestamp: hours(row, 3) }))
    const { tables, verdicts } = await busy.gradeRows({ transactions: rows }, { budget: { rows: 1000, sample: 800 } })
    expect(tables[0].causes).toEqual(['every timestamp is 3 h late: a zone'])
    const sample = tables[0].sample!
    expect(sample.of).toBe(3 * DAYS)
    expect(sample.storeDays).toBeLessThan(3 * DAYS)
    expect(sample.rows).toBeLessThanOrEqual(800)
    expect(verdicts.map(({ name, outcome }) => `${name}: ${outcome}`)).toEqual([
      'complete: inconclusive',
      'no duplicates: inconclusive',
      'late data kept: not asked',
      'bad data quarantined: not asked',
      'values unchanged: fail',
      'keys known: inconclusive',
      'ledger closes: not asked',
    ])
  })

  test('also for rows that are all there twice, and for days and stores without rows', async () => {
    const twice = await shop.gradeRows({ transactions: [...sales, ...sales] })
    expect(twice.tables[0]).toMatchObject({
      causes: ['2024-01-01 … 2024-01-04: each row two or more times'],
      counts: { doubled: sales.length, missing: 0, changed: 0, unexpected: 0 },
    })
    const day = await shop.gradeRows({
      transactions: sales.filter(({ timestamp }) => !timestamp.startsWith('2024-01-03')),
    })
    expect(day.tables[0].causes).toEqual(['2024-01-03: no rows'])
    const store = await shop.gradeRows({ transactions: sales.filter(({ store_id }) => store_id !== 'S0002') })
    expect(store.tables[0].causes).toEqual(['S0002: no rows'])
  })

  test('the table of another world is one', async () => {
    const other = gradedShop('strict', { seed: 7 })
    const { tables } = await shop.gradeRows({ transactions: other.rows('transactions') })
    expect(tables[0].causes).toContain(
      'most rows differ, and no single cause explains it: this may be the table of another world',
    )
  })
})

describe('the ledger', () => {
  const movements = shop.rows('inventories')
  const ledgerOf = async (rows: readonly CorruptRow[]) =>
    (await shop.gradeRows({ inventories: rows })).verdicts.find(({ name }) => name === 'ledger closes')

  test('closes with all movements', async () => {
    expect(await ledgerOf(movements)).toMatchObject({ outcome: 'pass' })
  })

  test('does not close without one of them', async () => {
    const [, , lost] = movements
    const by = -Number(lost.quantity_change)
    expect(await ledgerOf(movements.filter((row) => row !== lost))).toMatchObject({
      outcome: 'fail',
      sentence: `the stock of 1 item is off, such as ${lost.product_id} in ${lost.store_id} by ${by}`,
    })
  })

  test('closes when a movement has only a wrong time', async () => {
    const rows = movements.map((row, i) => (i === 5 ? { ...row, timestamp: '2024-01-02 00:00:00' } : row))
    expect(await ledgerOf(rows)).toMatchObject({ outcome: 'pass' })
  })
})

describe('columns', () => {
  const renamed = (names: Record<string, string>) =>
    sales.map((row) => Object.fromEntries(Object.entries(row).map(([name, value]) => [names[name] ?? name, value])))

  test('that cannot be recognized must be named, or left out', async () => {
    const rows = renamed({ quantity: 'a', unit_price: 'b' }).map((row) => ({ ...row, c: row.a }))
    await expect(shop.gradeRows({ transactions: rows })).rejects.toMatchObject({
      code: 'missing',
      message: expect.stringContaining('has no column that is certainly quantity of transactions'),
      why: 'a and c could be it',
    })
    const result = await shop.gradeRows({ transactions: rows }, { columns: [{ name: 'qty', is: 'c' }] })
    expect(result.ok).toBe(true)
    expect(result.tables[0].columns.find(({ column }) => column === 'quantity')).toMatchObject({
      theirs: 'c',
      by: 'flag',
    })
    const without = await shop.gradeRows(
      { transactions: rows.map((row) => ({ ...row, c: 'seventy-seven' })) },
      { columns: [{ name: 'quantity', is: '-' }] },
    )
    expect(without.ok).toBe(true)
    expect(without.tables[0].left).toEqual(['quantity'])
  })

  test('are named in either order', async () => {
    const rows = renamed({ transaction_id: 'id', timestamp: 'a' }).map((row) => ({ ...row, timestamp: 'yesterday' }))
    for (const pair of [
      { name: 'ts', is: 'a' },
      { name: 'a', is: 'timestamp' },
    ])
      expect((await shop.gradeRows({ transactions: rows }, { columns: [pair] })).ok).toBe(true)
    await expect(shop.gradeRows({ transactions: rows }, { columns: [{ name: 'ts', is: 'nowhere' }] })).rejects.toThrow(
      '--columns ts=nowhere names no column of these tables',
    )
  })
})

describe('text files', () => {
  test('may have lines that are no rows', async () => {
    const folder = freshFolder()
    const [csv, ndjson] = ['a.csv', 'a.ndjson'].map((name) => path.join(folder, name))
    const names = Object.keys(sales[0])
    const lines = sales.map((row) => names.map((name) => row[name]).join(','))
    fs.writeFileSync(csv, [names.join(','), ...lines.slice(0, 50), 'cut,off', ...lines.slice(50), ''].join('\n'))
    const objects = sales.map((row) => JSON.stringify(row))
    fs.writeFileSync(
      ndjson,
      [...objects.slice(0, 50), '{"transaction_id": "T2401', '[1]', ...objects.slice(50), ''].join('\n'),
    )
    expect(failuresOf(await shop.gradeAt({ transactions: csv }))).toEqual(['fail: values unchanged: 1 unreadable line'])
    expect((await shop.gradeAt({ transactions: ndjson })).tables[0].differences.map(lineOf)).toEqual([
      'unexpected null',
      'unexpected null',
    ])
  })
})
