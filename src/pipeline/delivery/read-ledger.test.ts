import fc from 'fast-check'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { rowsOfDays, shopWorld } from '../../../test/worlds.ts'
import { type Database, openDatabase } from '../../adapters/local/duckdb.ts'
import type { Position, Streamed } from '../../ports/index.ts'
import { byFact, type FactName, facts, keyOf } from '../../tables/index.ts'
import { formatSecond, parseSecond, SECONDS_PER_DAY, type Second } from '../../time.ts'
import { plainRows } from '../../truth/rows.ts'
import { ownRows } from './delivered.ts'
import { isAllDead, MOST_SURPLUS, missingText, shortageOf } from './ledger.ts'
import { readLedger } from './read-ledger.ts'

const DAYS = 3
const world = shopWorld({ stores: 5, products: 20, lines: 4 })
const since = (world.from + 1) * SECONDS_PER_DAY
const end = (world.from + DAYS) * SECONDS_PER_DAY
/** What the stream publishes: all rows after the first day, ordered by time. */
const published = byFact((name) =>
  [...plainRows(world, name, rowsOfDays(world, DAYS))]
    .map(({ second, row }) => ({ id: Object.values(row)[0], second }))
    .filter(({ second }) => second >= since)
    .sort((a, b) => a.second - b.second),
)
type Event = (typeof published)['transactions'][number]

let database: Database
beforeAll(async () => {
  database = await openDatabase(':memory:', { threads: 1 })
  await database.run('CREATE SCHEMA raw')
})
afterAll(() => database[Symbol.asyncDispose]())
beforeEach(async () => {
  for (const fact of facts)
    await database.run(`CREATE OR REPLACE TABLE raw.${fact.name} (${keyOf(fact)} VARCHAR, "timestamp" TIMESTAMP)`)
  await database.run(
    `CREATE OR REPLACE TABLE raw.dead_letter (received_at TIMESTAMP, subscription VARCHAR, message_id VARCHAR, fact VARCHAR, event_id VARCHAR, event_time TIMESTAMP, state VARCHAR, marked_at TIMESTAMP)`,
  )
})

async function fill(table: FactName, events: readonly Event[]): Promise<void> {
  await database.run(`DELETE FROM raw.${table}`)
  const rows = events.map(({ id, second }) => `('${id}', make_timestamp(${second * 1_000_000}))`)
  if (rows.length > 0) await database.run(`INSERT INTO raw.${table} VALUES ${rows.join(', ')}`)
}

/** A dead letter of an event: how often it was delivered, and what became of it, in this order. */
interface Letter {
  of: Event
  copies: number
  marks: readonly ('replayed' | 'dropped')[]
}

async function reject(letters: readonly Letter[]): Promise<void> {
  await database.run('DELETE FROM raw.dead_letter')
  const at = (second: Second) => `make_timestamp(${second * 1_000_000})`
  const rows = letters.flatMap(({ of, copies, marks }, i) => {
    const row = (received: Second, state: string) =>
      `(${at(received)}, 'letters', '${i}', 'transactions', '${of.id}', ${at(of.second)}, ${state})`
    return [
      ...Array.from({ length: copies }, (_, copy) => row(end + copy, 'NULL, NULL')),
      ...marks.map((mark, step) => row(end, `'${mark}', ${at(end + step)}`)),
    ]
  })
  if (rows.length > 0) await database.run(`INSERT INTO raw.dead_letter VALUES ${rows.join(', ')}`)
}

/** Checkpoints at these instants, from another one on, of the events that a stream publishes. */
const positionOf = (
  instants: readonly Second[],
  from: Second = since,
  isOwn: (id: string) => boolean = () => true,
): Position => ({
  world: world.id,
  since: from,
  position: instants.at(-1) ?? from,
  checkpoints: instants.map((at) => ({
    at,
    rows: byFact((name) => published[name].filter((e) => e.second >= from && e.second < at && isOwn(e.id)).length),
  })),
})
const position = (instants: readonly Second[]): Streamed => {
  const whole = positionOf(instants)
  return { whole, shards: [], position: whole.position }
}

/** The id of a published event with another part. */
const changed = (id: string, part: 'day' | 'store' | 'number' | 'letter') =>
  ({
    day: `${id[0]}190101${id.slice(7)}`,
    store: `${id.slice(0, 8)}0009${id.slice(12)}`,
    number: `${id.slice(0, 13)}9${id.slice(14)}`,
    letter: `X${id.slice(1)}`,
  })[part]

const isBeyond = (id: string) => /^T\d{6}-\d{4}-9/.test(id) && !id.includes('-0009-') && !id.startsWith('T190101')

/** Rows that nobody of ours sent. */
const foreign = fc.oneof(
  fc.record({
    id: fc.constantFrom('TEST-1', '', 't240102-0001-000001', 'T240102-0001-1'),
    second: fc.integer({ min: since, max: end - 1 }),
  }),
  fc
    .record({ of: fc.nat(published.transactions.length - 1), part: fc.constantFrom('day', 'store', 'letter') })
    .map(({ of, part }) => ({
      id: changed(published.transactions[of].id, part as 'day'),
      second: published.transactions[of].second,
    })),
  fc.nat(published.transactions.length - 1).map((of) => ({
    id: changed(published.transactions[of].id, 'number'),
    second: published.transactions[of].second,
  })),
)

test('the ledger is complete up to the last instant before which every published event has arrived, whatever else came', async () => {
  const cuts = fc
    .uniqueArray(fc.integer({ min: since + 1, max: end }), { minLength: 1, maxLength: 5 })
    .map((all) => all.sort((a, b) => a - b))
  const lost = fc.uniqueArray(fc.nat(published.transactions.length - 1), { maxLength: 3 })
  const letters = fc.array(
    fc.record({
      ofLost: fc.boolean(),
      nth: fc.nat(published.transactions.length - 1),
      copies: fc.integer({ min: 1, max: 2 }),
      marks: fc.array(fc.constantFrom('replayed' as const, 'dropped' as const), { maxLength: 2 }),
    }),
    { maxLength: 4 },
  )
  const deliveries = fc.record({
    ...{ cuts, lost, letters, twice: fc.boolean() },
    foreign: fc.array(foreign, { maxLength: 6 }),
  })
  await fc.assert(
    fc.asyncProperty(deliveries, async ({ cuts, lost, letters, twice, foreign }) => {
      const arrived = published.transactions.filter((_, i) => !lost.includes(i))
      await fill('transactions', [...arrived, ...foreign, ...(twice ? arrived : [])])
      await fill('inventories', published.inventories)
      const rejected = letters.map(({ ofLost, nth, ...letter }) => {
        const of = published.transactions[ofLost && lost.length > 0 ? lost[nth % lost.length] : nth]
        return { of, ...letter }
      })
      await reject(rejected)
      const ledger = await readLedger(database, world, position(cuts), { letters: true })

      const firstLost = Math.min(...lost.map((i) => published.transactions[i].second))
      expect(ledger.complete).toBe(cuts.findLast((at) => at <= firstLost) ?? 0)
      const shortage = shortageOf(ledger)
      expect(shortage === undefined).toBe(ledger.complete === cuts.at(-1))
      if (shortage) expect(shortage.missing.transactions + shortage.deadLettered.transactions).toBeGreaterThan(0)
      for (const { complete, ...row } of ledger.rows)
        expect(row.deadLettered + row.missing).toBe(complete ? 0 : Math.max(0, row.published - row.delivered))
      if (foreign.length === 0) {
        const late = lost.map((i) => published.transactions[i]).filter(({ second }) => second < cuts.at(-1)!)
        const open = rejected.filter(({ marks }) => marks.length === 0).map(({ of }) => of.id)
        const dead = late.filter(({ id }) => open.includes(id)).length
        const total = (of: 'deadLettered' | 'missing') => ledger.rows.reduce((n, row) => n + row[of], 0)
        expect([total('deadLettered'), total('missing')]).toEqual([dead, late.length - dead])
      }

      // Staging takes exactly what was published.
      const own = ownRows(ledger, world, database.dialect).transactions
      const taken = await database.query(
        `SELECT DISTINCT transaction_id AS id FROM raw.transactions WHERE "timestamp" < make_timestamp(${ledger.complete * 1_000_000}) AND ${own} ORDER BY 1`,
      )
      const expected = published.transactions.filter(({ second }) => second < ledger.complete).map(({ id }) => id)
      expect(taken.map(({ id }) => id)).toEqual(expected.sort())

      const counted = ledger.rows.filter(({ table, complete }) => table === 'transactions' && complete)
      const until = counted.at(-1) ? parseSecond(counted.at(-1)!.to)! : 0
      const beyond = foreign.filter(({ id, second }) => isBeyond(id) && second < until)
      const others = foreign.filter(({ id, second }) => !isBeyond(id) && second < cuts.at(-1)!)
      expect(ledger.surplus.map(({ id }) => id).sort()).toEqual(
        [...new Set([...beyond, ...others].map(({ id }) => id))].sort(),
      )
      const columns = ledger.rows.filter(({ table }) => table === 'transactions')
      expect(columns.reduce((n, row) => n + row.published, 0)).toBe(
        published.transactions.filter(({ second }) => second < cuts.at(-1)!).length,
      )
    }),
    { numRuns: 100 },
  )
})

/** What the shards of a split have published, which may begin a day after the stream did. */
const anySplit = fc.integer({ min: 2, max: 4 }).chain((count) =>
  fc.record({
    count: fc.constant(count),
    at: fc.constantFrom(since, since + SECONDS_PER_DAY),
    /** Instants of checkpoints of each shard, as parts of the time from the split to the end; undefined: it has not started. */
    cuts: fc.array(fc.option(fc.uniqueArray(fc.integer({ min: 1, max: 1000 }), { maxLength: 3 }), { nil: undefined }), {
      ...{ minLength: count, maxLength: count },
    }),
    lost: fc.uniqueArray(fc.nat(published.transactions.length - 1), { maxLength: 2 }),
    extra: fc.array(foreign, { maxLength: 3 }),
  }),
)

test('of shards at different positions, the ledger is complete up to the slowest, and names those whose events are missing', async () => {
  await fill('inventories', published.inventories)
  await fc.assert(
    fc.asyncProperty(anySplit, async ({ count, at, cuts, lost, extra }) => {
      const storeOf = (id: string) => Number(id.slice(8, 12)) - 1
      const shardOf = (id: string) => world.blocks.find(({ hi }) => storeOf(id) < hi)!.index % count
      const whole = at === since ? positionOf([]) : positionOf([since + 40_000, at])
      const split = { count, nth: 1 }
      const shards = cuts.map((parts, index) => {
        const instants = (parts ?? []).map((part) => at + Math.ceil(((end - at) * part) / 1000)).sort((a, b) => a - b)
        const own = positionOf([...new Set(instants)], at, (id) => shardOf(id) === index)
        return { ...own, split, shard: { index, count }, started: parts !== undefined }
      })
      const slowest = Math.min(...shards.map(({ position }) => position))
      const streamed = { whole: { ...whole, position: at, split }, shards, position: slowest }
      const missing = lost.map((i) => published.transactions[i])
      await fill('transactions', [...published.transactions.filter((_, i) => !lost.includes(i)), ...extra])
      const ledger = await readLedger(database, world, streamed, { letters: true })

      const completeOf = (instants: readonly Second[], from: Second, events: readonly Event[]) => {
        const first = Math.min(...events.filter(({ second }) => second >= from).map(({ second }) => second))
        return instants.findLast((cut) => cut <= first)
      }
      const wholeTo = at === since ? at : completeOf([since + 40_000, at], since, missing)
      const shardsTo = shards.map(({ checkpoints, shard }) => {
        const own = missing.filter(({ id }) => shardOf(id) === shard.index)
        return (
          completeOf(
            checkpoints.map((each) => each.at),
            at,
            own,
          ) ?? at
        )
      })
      const anything = whole.checkpoints.length > 0 || shards.some(({ checkpoints }) => checkpoints.length > 0)
      expect(ledger.complete).toBe(!anything ? 0 : wholeTo === at ? Math.min(...shardsTo) : (wholeTo ?? 0))
      const isLate = ({ id, second }: Event) => (second < at ? at > since : second < shards[shardOf(id)].position)
      const late = missing.filter(isLate)
      const shortage = shortageOf(ledger)
      expect(shortage === undefined).toBe(late.length === 0)
      const names = late.filter(({ second }) => second >= at).map(({ id }) => `${shardOf(id) + 1}/${count}`)
      expect((shortage?.shards ?? []).map(({ shard }) => shard)).toEqual([...new Set(names)].sort())

      const own = ownRows(ledger, world, database.dialect).transactions
      const taken = await database.query(
        `SELECT DISTINCT transaction_id AS id FROM raw.transactions WHERE "timestamp" < make_timestamp(${ledger.complete * 1_000_000}) AND ${own} ORDER BY 1`,
      )
      const expected = published.transactions.filter(({ second }) => second < ledger.complete).map(({ id }) => id)
      expect(taken.map(({ id }) => id)).toEqual(expected.sort())
    }),
    { numRuns: 100 },
  )
})

test('a shortage names its tables and its range', async () => {
  await fill('transactions', published.transactions.slice(3))
  await fill('inventories', published.inventories)
  const ledger = await readLedger(database, world, position([end]), { letters: true })
  const shortage = shortageOf(ledger)!
  expect([missingText(shortage), shortage.from, shortage.to]).toEqual([
    '3 of transactions',
    formatSecond(since),
    formatSecond(end),
  ])
})

test('a shortage that is in dead letters says so, until they are dropped', async () => {
  await fill('transactions', published.transactions.slice(3))
  await fill('inventories', published.inventories)
  const letter = (of: Event): Letter => ({ of, copies: 1, marks: [] })
  const [first, second, third] = published.transactions
  const text = async (letters: readonly Letter[]) => {
    await reject(letters)
    const shortage = shortageOf(await readLedger(database, world, position([end]), { letters: true }))!
    return [missingText(shortage), isAllDead(shortage)]
  }
  expect(await text([letter(first)])).toEqual(['3 of transactions (1 of them is a dead letter)', false])
  expect(await text([letter(first), letter(second), letter(third)])).toEqual(['3 of transactions (dead letters)', true])
  expect(await text([{ ...letter(first), marks: ['dropped'] }])).toEqual(['3 of transactions', false])
})

test('an id that the next event of a store will have stops nothing', async () => {
  const last = published.transactions.at(-1)!
  const next = `${last.id.slice(0, 13)}${String(Number(last.id.slice(13)) + 1).padStart(6, '0')}`
  await fill('transactions', [...published.transactions, { id: next, second: last.second }])
  await fill('inventories', published.inventories)
  expect(await readLedger(database, world, position([end]), { letters: true })).toMatchObject({
    complete: end,
    surplusCount: 1,
  })
})

test('more ids than a statement can name stop the cut', async () => {
  const { id, second } = published.transactions[0]
  const flood = Array.from({ length: MOST_SURPLUS + 1 }, (_, i) => ({ id: `${id.slice(0, 13)}${900_000 + i}`, second }))
  await fill('transactions', [...published.transactions, ...flood.slice(1)])
  await fill('inventories', published.inventories)
  expect(await readLedger(database, world, position([end]), { letters: true })).toMatchObject({
    complete: end,
    surplusCount: MOST_SURPLUS,
  })
  await fill('transactions', [...published.transactions, ...flood])
  expect(await readLedger(database, world, position([end]), { letters: true })).toMatchObject({ complete: 0 })
})
