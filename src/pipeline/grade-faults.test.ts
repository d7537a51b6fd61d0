import { createHash } from 'node:crypto'
import fs from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { freshFolder } from '../../test/front-door.ts'
import { careful, marked, naive, received } from '../../test/grade/consumers.ts'
import type { CorruptRow } from '../../test/grade/corrupt.ts'
import { faultyShop, lettersOf } from '../../test/grade/faulty.ts'
import { failuresOf, lineOf } from '../../test/grade/graded.ts'
import { openLetters } from '../adapters/open.ts'
import type { GradeResult } from '../grade/result.ts'

const SEED = Number(process.env.RETAIL_TEST_SEED ?? 1)
const sentenceOf = ({ tables }: GradeResult, kind: string) =>
  tables[0].faults!.find((line) => line.kind === kind)!.sentence
const verdictOf = ({ verdicts }: GradeResult, name: string) => {
  const { outcome, sentence } = verdicts.find((verdict) => verdict.name === name)!
  return `${outcome}: ${sentence}`
}
const NONE = { missing: 0, doubled: 0, changed: 0, unexpected: 0, dirty: 0 }

describe.each([
  [SEED, 'hostile', 'transactions', 'strict'],
  [SEED + 1, 'hostile', 'inventories', 'extended'],
  [SEED + 2, 'rough', 'transactions', 'strict'],
] as const)('seed %i, %s faults, %s, %s', (seed, name, table, schema) => {
  test('a naive one gets the right diagnosis, and every difference has a fault', async () => {
    const of = faultyShop(seed, name, schema)
    const consumed = naive(await of.receive(table), table, schema)
    const result = await of.grade(table, consumed)
    expect(result.tables[0].unexplained).toEqual(NONE)
    expect(result.tables[0].differences.filter(({ fault }) => fault === undefined)).toEqual([])
    expect(sentenceOf(result, 'late')).toMatch(
      /^\d+ of \d+ dropped, cut .* h( behind the newest time)?: a watermark of 2 h/,
    )
    expect(sentenceOf(result, 'duplicate')).toMatch(/^\d+ of \d+ kept twice or more/)
    expect(sentenceOf(result, 'changed')).toContain('kept twice, with both values')
    expect(sentenceOf(result, 'malformed')).toMatch(/^\d+ of \d+ became rows: /)
    for (const verdict of ['complete', 'no duplicates', 'late data kept', 'bad data quarantined'])
      expect(verdictOf(result, verdict)).toMatch(/^fail/)
    // Every row that it should have, or should not have, is counted once.
    const { found, expected, counts, beside } = result.tables[0]
    expect(found).toBe(expected - counts.missing + counts.doubled + counts.dirty + counts.unexpected + beside)
  })
})

describe('a consumer with one fault', () => {
  const of = faultyShop(SEED, 'rough')

  test('that takes only newer rows has a high-water mark', async () => {
    // A world in which a dropped row is only minutes behind: without one, the cut looks like a watermark.
    const hostile = faultyShop(SEED + 5, 'hostile')
    const result = await hostile.grade('transactions', marked(await hostile.receive('transactions'), 'transactions'))
    expect(verdictOf(result, 'late data kept')).toMatch(
      /^fail: \d+ of [\d,]+ dropped, each older than the newest row that had arrived: a high-water mark$/,
    )
    expect(result.tables[0].unexplained).toEqual(NONE)
  })

  test('that forgets ids after an hour has a deduplication window', async () => {
    const result = await of.grade(
      'transactions',
      careful(await of.receive('transactions'), 'transactions', { ttl: 3600 }),
    )
    expect(sentenceOf(result, 'duplicate')).toMatch(
      /removed up to [\d.]+ (min|h) apart, kept from [\d.]+ h: a deduplication window of about 1 h$/,
    )
    expect(failuresOf(result).map((line) => line.split(':')[1].trim())).toEqual(['no duplicates'])
    expect(result.tables[0].unexplained).toEqual(NONE)
  })

  test('that lets the last copy win, or keeps what it should not, is told so', async () => {
    const last = careful(await of.receive('transactions'), 'transactions', { lastWins: true })
    const result = await of.grade('transactions', last)
    expect(sentenceOf(result, 'changed')).toMatch(/^\d+ have the values of the last copy$/)
    expect(result.tables[0].unexplained).toEqual(NONE)
    expect(verdictOf(result, 'values unchanged')).toMatch(/^fail: \d+ rows changed \(\d+ changed\)$/)
  })

  test('that corrects the time of a wrong clock has other times than it was sent', async () => {
    const { rows } = careful(await of.receive('transactions'), 'transactions')
    const skewed = faultyShop(SEED, 'hostile')
    const corrected = careful(await skewed.receive('transactions'), 'transactions').rows
    const times = new Map(rows.map((row) => [row.transaction_id, row.timestamp]))
    for (const row of skewed.shop.rows('transactions')) times.set(row.transaction_id, row.timestamp)
    const consumed = { rows: corrected.map((row) => ({ ...row, timestamp: times.get(row.transaction_id)! })) }
    const result = await skewed.grade('transactions', consumed)
    expect(sentenceOf(result, 'skew')).toMatch(/^\d+ of \d+ have another time than their event: the true one$/)
    expect(result.tables[0].unexplained).toEqual(NONE)
    // A pipeline may say that it does so.
    const trueTimes = { trueTimes: true }
    const said = await skewed.grade('transactions', consumed, trueTimes)
    expect(sentenceOf(said, 'skew')).toBe('each has its true time')
    expect(said.tables[0]).toMatchObject({ counts: NONE, unexplained: NONE })
    const false_ = await skewed.grade('transactions', { rows: corrected }, trueTimes)
    expect(sentenceOf(false_, 'skew')).toMatch(/^\d+ of \d+ have the time of the wrong clock$/)
    expect(false_.tables[0].unexplained).toEqual(NONE)
  })

  test('that does not know a new form of events drops it', async () => {
    const { shop, profile } = of
    const drift = [{ at: shop.until - 30 * 3_600, table: 'transactions', widen: 'quantity' }]
    const copies = await received(shop.world, { ...profile, drift }, 'transactions', shop.until)
    const known = copies.filter(({ body }) => !/"quantity":\d+\.0/.test(body.toString()))
    const faults = { profile: { ...profile, drift } }
    const result = await of.grade('transactions', careful(known, 'transactions'), faults)
    expect(sentenceOf(result, 'drift')).toMatch(/^[\d,]+ (of [\d,]+|rows) dropped$/)
    expect(result.tables[0].unexplained).toEqual(NONE)
    expect(failuresOf(await of.grade('transactions', careful(copies, 'transactions'), faults))).toEqual([])
  })

  test('that drops rows at random is not excused by faults', async () => {
    const { rows } = careful(await of.receive('transactions'), 'transactions')
    const few = rows.filter((_, i) => i % 7 !== 0)
    const result = await of.grade('transactions', { rows: few })
    const { unexplained, counts } = result.tables[0]
    expect(counts.missing).toBe(rows.length - few.length)
    // The very last rows may look like those behind a watermark.
    expect(unexplained!.missing).toBeGreaterThanOrEqual(counts.missing - 3)
    expect(verdictOf(result, 'complete')).toMatch(/that no fault explains$/)
    expect(verdictOf(result, 'late data kept')).toMatch(/^(inconclusive|fail): /)
  })

  test('that has a watermark and also loses rows is excused only for those behind it', async () => {
    const copies = await of.receive('transactions')
    const { rows } = naive(copies, 'transactions')
    const right = careful(copies, 'transactions').rows
    const behind = new Set(right.map(({ transaction_id }) => transaction_id))
    for (const { transaction_id } of rows) behind.delete(transaction_id)
    const kept = right.filter(({ transaction_id }) => !behind.has(transaction_id))
    const few = kept.filter((_, i) => i % 90 !== 3)
    const { tables } = await of.grade('transactions', { rows: few })
    expect(tables[0].counts.missing).toBe(right.length - few.length)
    expect(tables[0].unexplained).toEqual({ ...NONE, missing: kept.length - few.length })
  })

  test('that damages values by itself has differences that no fault explains', async () => {
    const { rows, dead } = careful(await of.receive('transactions'), 'transactions')
    const broken = rows.map((row, i): CorruptRow => (i % 97 === 5 ? { ...row, quantity: '55' } : row))
    const result = await of.grade('transactions', { rows: [...broken, { ...rows[0], transaction_id: 'x' }], dead })
    const changed = broken
      .filter((row, i) => row !== rows[i])
      .map(({ transaction_id }) => `changed ${transaction_id} quantity`)
    expect(result.tables[0].differences.map(lineOf).sort()).toEqual([...changed, 'unexpected x'].sort())
    expect(result.tables[0].unexplained).toEqual({ ...NONE, changed: changed.length, unexpected: 1 })
    expect(result.tables[0].differences.every(({ fault }) => fault === undefined)).toBe(true)
    expect(sentenceOf(result, 'clean')).toBe(`no fault explains ${changed.length} changed, 1 unexpected`)
  })

  test('that has a row of a lost event made it up', async () => {
    const { rows } = careful(await of.receive('transactions'), 'transactions')
    const ids = new Set(rows.map(({ transaction_id }) => transaction_id))
    const absent = of.shop.rows('transactions').filter(({ transaction_id }) => !ids.has(transaction_id))
    const result = await of.grade('transactions', { rows: [...rows, ...absent] })
    const lost = result.tables[0].differences.filter(({ why }) => why === 'its event was lost: nobody received it')
    expect(lost.length).toBe(result.tables[0].faults!.find(({ kind }) => kind === 'lost')!.sent)
    expect(lost.length).toBeGreaterThan(0)
    expect(result.tables[0].causes).toEqual(['most lost events are rows: these may not be the faults that were sent'])
  })
})

test('a sample decides nothing that it does not show', async () => {
  const of = faultyShop(SEED, 'hostile')
  const consumed = naive(await of.receive('transactions'), 'transactions')
  const result = await of.grade('transactions', consumed, {}, { budget: { rows: 400, sample: 200 } })
  expect(result.tables[0].sample).toBeDefined()
  expect(verdictOf(result, 'complete')).toMatch(/^fail: at least \d+ rows? missing/)
  expect(result.tables[0].unexplained).toEqual(NONE)
  for (const { wrong, outcome } of result.tables[0].faults!) expect(outcome).toBe(wrong > 0 ? 'fail' : 'inconclusive')
})

describe('an instant of delivery', () => {
  const of = faultyShop(SEED, 'rough')
  const delivered = of.shop.until - 3_600

  test('says which rows are on their way, and need not be there', async () => {
    const all = await of.receive('transactions')
    const some = all.filter(({ at }) => at < delivered)
    const result = await of.grade('transactions', careful(some, 'transactions'), { delivered })
    expect(failuresOf(result)).toEqual([])
    expect(result.tables[0].faults!.reduce((n, { onTheirWay }) => n + onTheirWay, 0)).toBeGreaterThan(0)
    // What came before the instant must be there, what came after it may be.
    const ahead = await of.grade('transactions', careful(all, 'transactions'), { delivered })
    expect(failuresOf(ahead)).toEqual([])
    const early = careful(
      all.filter(({ at }) => at < delivered - 1_800),
      'transactions',
    )
    expect(verdictOf(await of.grade('transactions', early, { delivered }), 'complete')).toMatch(/^fail/)
    expect(verdictOf(await of.grade('transactions', early, { delivered, settle: 1_800 }), 'complete')).toMatch(
      /^inconclusive: \d+ rows? sent within the last 1800 s (is|are) not there yet$/,
    )
  })

  test('that nobody gave is a guess, and a stream that was not drained is noticed', async () => {
    const { until } = of.shop
    const some = (await of.receive('transactions')).filter(({ at }) => at < until)
    const result = await of.grade('transactions', careful(some, 'transactions'), { guessed: true })
    expect(result.tables[0].causes.at(-1)).toMatch(/^no missing row arrived before --until: /)
  })
})

describe('a policy of lateness', () => {
  test('allows a watermark, and asks for what is earlier', async () => {
    const of = faultyShop(SEED + 2, 'rough')
    const copies = await of.receive('transactions')
    const drop = (seconds: number) => {
      const { rows } = careful(copies, 'transactions')
      const first = new Map<string, number>()
      for (const { at, body } of copies) {
        const [id] = /T\d{6}-\d{4}-\d{6}/.exec(body.toString()) ?? ['']
        if (!first.has(id)) first.set(id, at)
      }
      return rows.filter((row) => first.get(row.transaction_id!)! - Date.parse(row.timestamp!) / 1000 <= seconds)
    }
    const kept = await of.grade('transactions', { rows: drop(7_200) }, { lateness: 7_200 })
    expect(failuresOf(kept)).toEqual([])
    expect(verdictOf(kept, 'late data kept')).toMatch(
      /^pass: every row that is at most 2 h late is there; \d+ later ones are not$/,
    )
    const less = await of.grade('transactions', { rows: drop(3_600) }, { lateness: 7_200 })
    expect(verdictOf(less, 'late data kept')).toMatch(/^fail: .*a watermark of 1 h/)
  })
})

describe('dead letters', () => {
  const of = faultyShop(SEED, 'rough')
  const gradeWith = async (change: (dead: Buffer[]) => (Buffer | string)[]) => {
    const consumed = careful(await of.receive('transactions'), 'transactions')
    return verdictOf(
      await of.shop.gradeRows(
        { transactions: consumed.rows },
        {
          faults: {
            ...{ profile: of.profile, delivered: Number.POSITIVE_INFINITY, guessed: false },
            ...{ settle: 0, lateness: undefined, lastWins: false, trueTimes: false },
          },
          deadLetters: lettersOf(change(consumed.dead)),
        },
      ),
      'bad data quarantined',
    )
  }

  test('are recognized in any usual form', async () => {
    const forms: Record<string, (body: Buffer) => Buffer | string> = {
      bytes: (body) => body,
      base64: (body) => body.toString('base64'),
      text: (body) => body.toString(),
      'JSON with a text': (body) => JSON.stringify({ reason: 'bad', body: body.toString() }),
      'JSON with base64': (body) => JSON.stringify({ letter: { payload: body.toString('base64') } }),
      digest: (body) => JSON.stringify({ sha256: createHash('sha256').update(body).digest('hex') }),
    }
    for (const [about, form] of Object.entries(forms))
      expect(await gradeWith((dead) => dead.map(form)), about).toMatch(
        /^pass: \d+ damaged events are dead letters, or read without a guess$/,
      )
  })

  test('are recognized as the text of lines of files, however their bytes were read', async () => {
    const { shop, profile } = of
    const lines = await received(shop.world, profile, 'transactions', shop.until, undefined, 'ndjson')
    const events = await of.receive('transactions')
    const bodies = new Map(events.map(({ body }, i) => [body, lines[i].body]))
    for (const encoding of ['latin1', 'utf8'] as const)
      expect(await gradeWith((dead) => dead.map((body) => bodies.get(body)!.toString(encoding))), encoding).toMatch(
        /^pass/,
      )
  })

  test('that lack one fail, and others do not count for it', async () => {
    expect(await gradeWith((dead) => [...dead.slice(1), 'something else', 'more'])).toMatch(
      /^fail: 1 of \d+ are neither rows nor dead letters \(/,
    )
    expect(await gradeWith((dead) => dead.map((_, i) => `opaque ${i}`))).toMatch(/^pass: .*, by their number/)
    expect(await gradeWith((dead) => dead.slice(1).map((_, i) => `opaque ${i}`))).toMatch(/^fail/)
  })

  test('are read from lines of any bytes, and from tables', async () => {
    const { dead } = careful(await of.receive('transactions'), 'transactions')
    const folder = freshFolder()
    fs.writeFileSync(path.join(folder, 'a.ndjson'), Buffer.concat(dead.flatMap((body) => [body, Buffer.from('\n')])))
    const base64 = dead.map((body, i) => `${i},${body.toString('base64')}\n`)
    fs.writeFileSync(path.join(folder, 'b.csv'), `n,body\n${base64.join('')}`)
    for (const name of ['a.ndjson', 'b.csv']) {
      const letters: (Buffer | string)[][] = []
      for await (const letter of await openLetters(name, folder)) letters.push([...letter])
      expect(letters.length, name).toBe(dead.length)
      const bodies = letters.map((parts) => parts.at(-1)!)
      expect(await gradeWith(() => bodies), name).toMatch(/^pass/)
    }
  })
})
