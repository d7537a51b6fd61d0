import { describe, expect, test } from 'vitest'
import { applying, careful, naive, type Received } from '../../test/grade/consumers.ts'
import { FaultyShop, profiles } from '../../test/grade/faulty.ts'
import { failuresOf } from '../../test/grade/graded.ts'
import type { Drift, FaultProfile } from '../config/fault-kinds.ts'
import type { GradeResult } from '../grade/result.ts'
import { formatSecond } from '../time.ts'

const SEED = Number(process.env.RETAIL_TEST_SEED ?? 1)
const NONE = { missing: 0, doubled: 0, changed: 0, unexpected: 0, dirty: 0 }
const sentenceOf = ({ tables }: GradeResult, kind: string) =>
  tables[0].faults!.find((line) => line.kind === kind)!.sentence
const verdictOf = ({ verdicts }: GradeResult, name: string) => {
  const { outcome, sentence } = verdicts.find((verdict) => verdict.name === name)!
  return `${outcome}: ${sentence}`
}
const sentOf = ({ tables }: GradeResult, kind: string) => tables[0].faults!.find((line) => line.kind === kind)!.sent
const isBalanced = ({ tables: [{ found, expected, counts, beside }] }: GradeResult) =>
  expect(found).toBe(expected - counts.missing + counts.doubled + counts.dirty + counts.unexpected + beside)

const after = [{ share: 1, from: 60, to: 20_000 }]
const versions: Partial<FaultProfile> = {
  corrected: { rate: 0.04, after, overtaken: 0.3 },
  deleted: { rate: 0.04, after, overtaken: 0.3 },
}

describe.each(['transactions', 'inventories'] as const)('corrections and deletions of %s', (table) => {
  const schema = table === 'inventories' ? 'extended' : 'strict'
  const of = new FaultyShop(SEED, { ...profiles.hostile, ...versions }, schema)

  test('are applied by a consumer that knows versions', async () => {
    const result = await of.grade(table, applying(await of.receive(table), table, { schema }))
    expect(failuresOf(result)).toEqual([])
    expect(result.tables[0].counts).toEqual(NONE)
    expect(verdictOf(result, 'changes applied')).toMatch(/^pass: \d+ corrections and deletions are applied$/)
    expect(sentOf(result, 'deleted')).toBeGreaterThan(20)
  })

  test('that a consumer appends are named, and every difference has a fault', async () => {
    const result = await of.grade(table, naive(await of.receive(table), table, schema))
    expect(result.tables[0].unexplained).toEqual(NONE)
    expect(result.tables[0].differences.filter(({ fault }) => fault === undefined)).toEqual([])
    expect(verdictOf(result, 'changes applied')).toMatch(
      // What is behind its watermark is dropped.
      /^fail: (\d+ corrections? not applied, )?\d+ corrections kept beside the older version, \d+ deleted rows still there$/,
    )
    isBalanced(result)
  })

  test('of which the last one to come wins: an older version overwrites a newer one', async () => {
    const result = await of.grade(table, applying(await of.receive(table), table, { byVersion: false, schema }))
    expect(verdictOf(result, 'changes applied')).toMatch(
      /^fail: \d+ corrections overwritten by an older version that came later, \d+ deleted rows back: an older version came after the deletion$/,
    )
    expect(result.tables[0].unexplained).toEqual(NONE)
    isBalanced(result)
  })

  test('that only the first one counts: corrections are not applied', async () => {
    const result = await of.grade(table, careful(await of.receive(table), table, { schema }))
    expect(sentenceOf(result, 'corrected')).toMatch(/^\d+ corrections not applied$/)
    expect(sentenceOf(result, 'deleted')).toMatch(/^\d+ deleted rows still there$/)
    expect(verdictOf(result, 'values unchanged')).toMatch(
      /^fail: \d+ rows changed \(\d+ corrected\), \d+ rows of deleted events$/,
    )
    expect(result.tables[0].unexplained).toEqual(NONE)
    isBalanced(result)
  })

  test('of which deletions are ignored', async () => {
    const result = await of.grade(table, applying(await of.receive(table), table, { deletions: false, schema }))
    expect(failuresOf(result).map((line) => line.split(': ')[1])).toEqual([
      ...['changes applied', 'values unchanged'],
      ...(table === 'inventories' ? ['ledger closes'] : []),
    ])
    expect(sentenceOf(result, 'deleted')).toBe(`${sentOf(result, 'deleted')} deleted rows still there`)
    expect(result.tables[0].unexplained).toEqual(NONE)
  })

  test('that are on their way need not be applied, and may be', async () => {
    const delivered = of.shop.until - 7_200
    const all = await of.receive(table)
    for (const copies of [all, all.filter(({ at }) => at < delivered)])
      expect(failuresOf(await of.grade(table, applying(copies, table, { schema }), { delivered }))).toEqual([])
    // What arrived before is due: there are only a few corrections in two hours, so several times are tried.
    const early = (hours: number) => all.filter(({ at }) => at < delivered - hours * 3_600)
    const sentences: string[] = []
    for (const hours of [1, 2, 4, 6])
      sentences.push(
        sentenceOf(await of.grade(table, applying(early(hours), table, { schema }), { delivered }), 'corrected'),
      )
    expect(sentences.filter((sentence) => /^\d+ corrections? not applied$/.test(sentence))).not.toEqual([])
  })

  test('never excuse a row that nobody sent, nor a value of its own', async () => {
    const { rows, dead } = applying(await of.receive(table), table, { schema })
    const [key] = Object.keys(rows[0])
    const id = rows.find((row) => Number(row[key]!.slice(-6)) > 3)![key]!
    // The number of an event that could have been deleted, and was not; and another value.
    const answers = new Set((await of.receive(table)).map(({ body }) => idOf(body)))
    const free = Array.from({ length: 50 }, (_, i) => `${id.slice(0, -6)}5000${String(i).padStart(2, '0')}`)
    const other = free.find((each) => !answers.has(each))!
    const column = table === 'transactions' ? 'quantity' : 'quantity_change'
    const broken = rows.map((row) => (row[key] === id ? { ...row, [column]: '77' } : row))
    const result = await of.grade(table, { rows: [...broken, { ...rows[0], [key]: other }], dead })
    expect(result.tables[0].unexplained).toEqual({ ...NONE, changed: 1, unexpected: 1 })
  })
})

const idOf = (body: Buffer): string | undefined => /[TI]\d{6}-\d{4}-\d{6}/.exec(body.toString())?.[0]

describe('a new name of a column', () => {
  const of = new FaultyShop(SEED + 1, profiles.rough, 'strict')
  const { until } = of.shop
  const renames: Drift[] = [
    { at: until - 60 * 3_600, table: 'transactions', rename: 'unit_price', to: 'price_usd' },
    { at: until - 20 * 3_600, table: 'transactions', rename: 'timestamp', to: 'sold_at' },
  ]
  const shop = new FaultyShop(SEED + 1, { ...profiles.rough, drift: renames.slice(0, 1) }, 'strict')

  /** Reads both names. */
  const coalesced = (copies: readonly Received[]) =>
    copies.map(({ at, body }) => ({
      at,
      body: Buffer.from(body.toString('latin1').replace('"price_usd":', '"unit_price":'), 'latin1'),
    }))

  test('is no difference for a consumer that knows it', async () => {
    const { rows } = careful(coalesced(await shop.receive('transactions')), 'transactions')
    const result = await shop.grade('transactions', { rows })
    expect(result.tables[0].counts).toEqual(NONE)
    expect(sentenceOf(result, 'drift')).toBe('read in both forms')
  })

  test('is named if the column is empty from then on', async () => {
    const { rows } = careful(coalesced(await shop.receive('transactions')), 'transactions')
    for (const value of [null, '0']) {
      const old = rows.map((row) =>
        Date.parse(row.timestamp!) / 1000 >= renames[0].at ? { ...row, unit_price: value } : row,
      )
      const result = await shop.grade('transactions', { rows: old })
      const { unexplained, causes } = result.tables[0]
      // A clock that was wrong moves a few rows over the instant.
      expect(unexplained!.changed).toBeLessThan(rows.length / 50)
      expect(causes).toEqual([
        expect.stringMatching(
          new RegExp(
            `^unit_price is empty in all [\\d,]+ rows since ${formatSecond(renames[0].at)}: its new name is price_usd$`,
          ),
        ),
      ])
      expect(sentenceOf(result, 'drift')).toBe(causes[0])
    }
  })

  test('that a naive consumer does not know explains every difference that it makes, beside other faults', async () => {
    for (const drift of [renames.slice(0, 1), renames]) {
      const naively = new FaultyShop(SEED + 1, { ...profiles.hostile, ...versions, drift }, 'strict')
      const copies = await naively.receive('transactions')
      // Without a time in its event, no row is late.
      const watermark = drift.length > 1 ? Number.POSITIVE_INFINITY : undefined
      const result = await naively.grade('transactions', naive(copies, 'transactions', 'strict', watermark))
      expect(result.tables[0].unexplained).toEqual(NONE)
      expect(result.tables[0].causes.filter((cause) => cause.includes('its new name is')).length).toBe(drift.length)
      isBalanced(result)
    }
  })

  test('is found under its new name in a table that has no other', async () => {
    const { rows } = careful(coalesced(await shop.receive('transactions')), 'transactions')
    const named = rows.map(({ unit_price, ...row }) => ({ ...row, price_usd: unit_price! }))
    const result = await shop.grade('transactions', { rows: named })
    expect(failuresOf(result).filter((line) => !line.includes('bad data'))).toEqual([])
    expect(result.tables[0].columns.find(({ column }) => column === 'unit_price')).toMatchObject({
      theirs: 'price_usd',
      by: 'name',
    })
  })
})
