import { createHash } from 'node:crypto'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Shop, shopWorld } from '../../test/worlds.ts'
import {
  DRAWN,
  DRAWN_KINDS,
  FAULT_KINDS,
  type FaultKind,
  type FaultProfile,
  MALFORMATIONS,
  PROFILE_NAMES,
} from '../config/fault-kinds.ts'
import { loadProfile } from '../config/faults.ts'
import { eventsOf } from '../encode/events.ts'
import { idOf } from '../encode/ids.ts'
import { beginBlock } from '../simulator/block.ts'
import { ColumnBatch } from '../simulator/column-batch.ts'
import { LiveTimeline } from '../simulator/live-timeline.ts'
import { facts } from '../tables/index.ts'
import { formatSecond, SECONDS_PER_DAY, type Second } from '../time.ts'
import type { World } from '../world/world.ts'
import { type Answer, answersOf } from './answer-key.ts'
import { FATES, Fate, Fates } from './fates.ts'
import { FaultyTimeline } from './faulty-timeline.ts'
import { SentBatch } from './sent-batch.ts'
import { sentPagesOf } from './sent-pages.ts'

const DAYS = 5
const SHOP: Shop = { stores: 6, products: 60, lines: 60, from: '2024-03-07' }
/** Many of every kind within a few days. */
const busy: FaultProfile = {
  ...loadProfile('hostile'),
  max: 2 * SECONDS_PER_DAY,
  lost: { rate: 0.02 },
  malformed: { rate: 0.1, kinds: MALFORMATIONS },
  changed: { rate: 0.1, after: [{ share: 1, from: 60, to: 40_000 }] },
  silence: { rate: 0.3, from: 3_600, to: 40_000, catchUp: 20 },
  skew: { rate: 0.3, from: -1_200, to: 14_400 },
  corrected: { rate: 0.05, after: [{ share: 1, from: 60, to: 40_000 }], overtaken: 0.3 },
  deleted: { rate: 0.05, after: [{ share: 1, from: 60, to: 40_000 }], overtaken: 0.3 },
  drift: [
    { at: from(SHOP) + 2 * SECONDS_PER_DAY + 7_000, table: 'transactions', add: 'channel' },
    { at: from(SHOP) + 3 * SECONDS_PER_DAY, table: 'inventories', widen: 'quantity_change' },
    { at: from(SHOP) + 3 * SECONDS_PER_DAY + 9_000, table: 'transactions', rename: 'unit_price', to: 'price_usd' },
    // Columns that a damage changes, too.
    { at: from(SHOP) + 2 * SECONDS_PER_DAY, table: 'inventories', rename: 'quantity_change', to: 'delta' },
    { at: from(SHOP) + 4 * SECONDS_PER_DAY, table: 'transactions', rename: 'product_id', to: 'sku' },
    { at: from(SHOP) + 4 * SECONDS_PER_DAY, table: 'transactions', rename: 'timestamp', to: 'sold_at' },
  ],
}

function from(shop: Shop): Second {
  return shopWorld(shop).from * SECONDS_PER_DAY
}
const open = (world: World) => async (at: Second) =>
  LiveTimeline.open(
    world,
    world.blocks.map((block) => beginBlock(world, block)),
    at,
  )

/** Every copy in order of arrival, in steps; at the instants in `restarts`, another process goes on. */
async function deliver(
  world: World,
  fates: Fates,
  until: Second,
  { step = 86_400, restarts = [] as Second[], end = Number.POSITIVE_INFINITY } = {},
): Promise<{ id: string; at: Second; data: Buffer }[]> {
  const origin = world.from * SECONDS_PER_DAY
  const batch = new SentBatch(world, fates)
  const sent: { id: string; at: Second; data: Buffer }[] = []
  let position = origin
  for (const stop of [...restarts, until].sort((a, b) => a - b)) {
    const timeline = await FaultyTimeline.open(world, fates, { origin, position, end }, open(world))
    while (timeline.position < Math.min(stop, end)) {
      batch.clear()
      timeline.advanceTo(Math.min(stop, end, timeline.position + step), batch)
      for (const event of sentIn(world, batch)) sent.push({ ...event, at: timeline.position })
    }
    position = timeline.position
    if (position === end) {
      batch.clear()
      timeline.drain(batch)
      for (const event of sentIn(world, batch)) sent.push({ ...event, at: Number.POSITIVE_INFINITY })
    }
  }
  return sent
}

/** The events of both tables in order of arrival, each with the id that it should have. */
function* sentIn(world: World, batch: SentBatch): Generator<{ id: string; data: Buffer }> {
  const { spans } = batch
  const ids: string[] = []
  for (let span = 0; span < spans.n; span++)
    for (const [i, letter] of ['T', 'I'].entries()) {
      const { length, first } = batch.facts[facts[i].name]
      for (let n = 0; n < length[span]; n++)
        ids.push(idOf(letter, spans.day[span], spans.store[span], first[span] + n, world.ids))
    }
  let next = 0
  for (const { n, bytes, starts } of sentPagesOf(
    world,
    batch,
    'event',
    facts.map(({ name }) => name),
  ))
    for (let i = 0; i < n; i++)
      yield { id: ids[next++], data: Buffer.from(bytes.subarray(starts[i], starts[i + 1] - 1)) }
  expect(next).toBe(ids.length)
}

const textOf = (data: Buffer): string => data.toString('latin1')
const byTable = (sent: readonly { id: string; data: Buffer }[]): string[][] =>
  ['T', 'I'].map((letter) => sent.filter(({ id }) => id.startsWith(letter)).map(({ data }) => textOf(data)))

test('whenever it stops and starts again, and in steps of any size, the bytes are the same', async () => {
  const world = shopWorld(SHOP)
  const begin = from(SHOP)
  const until = begin + DAYS * SECONDS_PER_DAY
  const undisturbed = new Map<FaultKind | undefined, string[][]>()
  await fc.assert(
    fc.asyncProperty(
      // One kind alone, too: its own delay is the longest.
      fc.constantFrom(...FAULT_KINDS, undefined),
      fc.array(fc.integer({ min: 1, max: DAYS * SECONDS_PER_DAY - 1 }), { minLength: 1, maxLength: 5 }),
      fc.integer({ min: 300, max: 200_000 }),
      async (kind, stops, step) => {
        const { seed, max } = busy
        const fates = new Fates(kind ? { seed, max, [kind]: busy[kind] } : busy, world.seed)
        const whole = undisturbed.get(kind) ?? byTable(await deliver(world, fates, until))
        undisturbed.set(kind, whole)
        expect(whole[0].length).toBeGreaterThan(1_000)
        const restarts = stops.map((stop) => begin + stop)
        expect(byTable(await deliver(world, fates, until, { step, restarts }))).toEqual(whole)
      },
    ),
    { numRuns: 16 },
  )
})

test.each(['strict', 'extended'] as const)(
  'what was sent is what the answer key says, byte by byte (%s)',
  async (schema) => {
    const shop = { ...SHOP, schema }
    const world = shopWorld(shop)
    const fates = new Fates(busy, world.seed)
    const until = from(shop) + DAYS * SECONDS_PER_DAY
    const sent = new Map<string, { at: Second; data: Buffer }[]>()
    // Everything of these days arrives by then.
    const late = until + fates.longest + 1
    for (const { id, ...one } of await deliver(world, fates, late, { step: 3_000, end: until }))
      sent.set(id, [...(sent.get(id) ?? []), one])

    const answers = new Map<string, Answer>()
    for (const { name } of facts) for (const answer of answersIn(world, fates, name)) answers.set(answer.id, answer)
    for (const kind of FAULT_KINDS)
      expect(
        [...answers.values()].some((answer) => answer.kind === kind),
        kind,
      ).toBe(true)

    const batch = new ColumnBatch(schema === 'extended')
    const timeline = await open(world)(world.from * SECONDS_PER_DAY)
    timeline.advanceTo(until, batch)
    let events = 0
    for (const { name } of facts)
      for (const { id, data } of eventsOf(world, name, batch)) {
        events++
        const found = sent.get(id) ?? []
        const answer = answers.get(id)
        if (!answer) expect(found.length, id).toBe(1)
        if (!answer) expect(found[0].data.toString(), id).toBe(`${data.slice(0, -1)},"op":"insert","version":1}`)
        if (answer) check(answer, found, name, data)
        sent.delete(id)
      }
    expect(events).toBeGreaterThan(1_000)
    // Events that are none of the world are in the key, too.
    for (const id of sent.keys()) {
      const answer = answers.get(id)!
      expect(answer.kind, id).toBe('deleted')
      check(answer, sent.get(id)!, answer.table)
    }
    const deleted = [...answers.values()].filter(({ kind }) => kind === 'deleted')
    expect(deleted.map(({ id }) => id).filter((id) => !sent.has(id))).toEqual([])
    expect([...answers.keys()]).toEqual([...answers.keys()].toSorted((a, b) => order(a).localeCompare(order(b))))

    /** `data`: the event of the world. */
    function check(answer: Answer, found: readonly { at: Second; data: Buffer }[], table: string, data?: string): void {
      const { id, kind, event_time, sent_time = event_time } = answer
      expect(found.length, id).toBe(answer.sent.length)
      const forms = new Map(answer.sent.map(({ form }, i) => [form, textOf(found[i].data)]))
      for (const [i, { at, form, sha256, op, version }] of answer.sent.entries()) {
        const copy = found[i]
        const arrives = Date.parse(at) / 1000
        if (copy.at === Number.POSITIVE_INFINITY) expect(arrives, id).toBeGreaterThanOrEqual(until)
        else expect(arrives >= copy.at - 3_000 && arrives < copy.at, id).toBe(true)
        if (sha256) {
          expect(createHash('sha256').update(copy.data).digest('hex'), id).toBe(sha256)
          continue
        }
        const event = JSON.parse(textOf(copy.data)) as Record<string, unknown>
        expect([event.op, event.version], id).toEqual([op, version])
        const is = (column: string) => {
          const drift = busy.drift!.find((each) => 'rename' in each && each.rename === column && each.table === table)
          const isNew = drift && Date.parse(event_time) / 1000 >= drift.at
          return event[isNew && 'rename' in drift ? drift.to : column]
        }
        expect(is('timestamp'), id).toBe(sent_time)
        if (!data) continue
        // The event is the one of the world, or a copy of it with another value.
        const wrong = Object.entries(JSON.parse(data)).filter(
          ([column, value]) => column !== 'timestamp' && is(column) !== value,
        )
        expect(wrong.length, `${id} ${form}`).toBe(form === 'changed' || form === 'mistaken' ? 1 : 0)
      }
      if (kind === 'duplicate') expect(new Set(found.map(({ data }) => textOf(data))).size, id).toBe(1)
      if (kind === 'changed') expect(forms.get('changed'), id).not.toBe(forms.get('clean'))
      if (kind === 'deleted')
        expect(forms.get('deletion'), id).toBe(
          forms.get('clean')!.replace('"op":"insert","version":1', '"op":"delete","version":2'),
        )
    }
  },
)

/** Transactions come first. */
const order = (id: string): string => (id.startsWith('T') ? 'A' : 'B') + id

function* answersIn(world: World, fates: Fates, name: (typeof facts)[number]['name']) {
  const cursors = world.blocks.map((block) => beginBlock(world, block))
  yield* answersOf(world, fates, name, cursors, world.from, world.from + DAYS)
}

describe('the fate of an event', () => {
  const kinds = DRAWN_KINDS
  const profileOf = (rates: readonly number[], seed: number): FaultProfile => ({
    ...busy,
    seed,
    ...Object.fromEntries(
      kinds.map((kind, i) => [kind, { ...busy[kind], rate: (rates[i] * DRAWN[kind].parts) / 256 }]),
    ),
  })
  const fateOf = (fates: Fates, number: number) =>
    FATES[fates.fateOf(fates.eventKey(fates.spanKey(1, 19_800, 7), number))]

  test('stays when the rate of another kind changes, and its rate is met', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: kinds.length, maxLength: kinds.length }),
        fc.nat(kinds.length - 1),
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.nat(1_000),
        (rates, raised, to, seed) => {
          const before = new Fates(profileOf(rates, seed), 42)
          const after = new Fates(
            profileOf(
              rates.map((rate, i) => (i === raised ? Math.max(rate, to) : rate)),
              seed,
            ),
            42,
          )
          const count: Record<string, number> = {}
          for (let number = 0; number < 4_000; number++) {
            const was = fateOf(before, number)
            const is = fateOf(after, number)
            if (was !== is) expect([was, is]).toEqual(['clean', kinds[raised]])
            count[was] = (count[was] ?? 0) + 1
          }
          for (const [i, kind] of kinds.entries()) {
            const expected = (rates[i] * DRAWN[kind].parts * 4_000) / 256
            // Six standard deviations.
            expect(Math.abs((count[kind] ?? 0) - expected)).toBeLessThanOrEqual(6 * Math.sqrt(expected) + 1)
          }
        },
      ),
      { numRuns: 60 },
    )
  })

  test('stays when others are sent that nobody meant, and their rate is met', () => {
    const [few, many] = [0.02, 0.1].map((rate) => new Fates({ ...busy, deleted: { ...busy.deleted!, rate } }, 42))
    let deleted = 0
    for (let number = 0; number < 20_000; number++) {
      expect(fateOf(many, number)).toBe(fateOf(few, number))
      const key = few.eventKey(few.spanKey(1, 19_800, 7), number)
      if (few.hasDeleted(key)) expect(many.hasDeleted(key)).toBe(true)
      if (many.hasDeleted(key)) deleted++
    }
    expect(Math.abs(deleted - 2_000)).toBeLessThan(6 * Math.sqrt(2_000))
  })

  test('is kept by the profiles that are worse', () => {
    const [mild, rough, hostile] = PROFILE_NAMES.map((name) => new Fates(loadProfile(name), 42))
    for (let number = 0; number < 50_000; number++) {
      for (const [milder, worse] of [
        [mild, rough],
        [rough, hostile],
      ])
        if (fateOf(milder, number) !== 'clean') expect(fateOf(worse, number)).toBe(fateOf(milder, number))
    }
  })

  test('never sends a copy before its event, nor later than max', () => {
    const { max } = busy
    fc.assert(
      fc.property(fc.integer(), fc.nat(100), fc.nat(SECONDS_PER_DAY - 1), (key, store, second) => {
        const fates = new Fates(busy, 7)
        const time = 19_800 * SECONDS_PER_DAY + second
        const fate = key % 2 === 0 ? Fate.deleted : fates.fateOf(key)
        const copies = fates.copiesOf(fate, key, time, fates.silencesOf(store, 19_800))
        expect(copies === 0).toBe(fate === Fate.lost)
        let before = time
        for (let copy = 0; copy < copies; copy++) {
          expect(fates.at[copy]).toBeGreaterThanOrEqual(before)
          before = fates.at[copy]
        }
        expect(before).toBeLessThanOrEqual(time + Math.min(max, fates.longest))
      }),
      { numRuns: 2_000 },
    )
  })
})

test('a drain within an hour delivers what was sent before it, and nothing later', async () => {
  const world = shopWorld(SHOP)
  const fates = new Fates(busy, world.seed)
  const until = from(SHOP) + SECONDS_PER_DAY + 74_096
  const events = new ColumnBatch(false)
  const timeline = await open(world)(from(SHOP))
  timeline.advanceTo(until, events)
  const sent = await deliver(world, fates, until, { step: 1_000, end: until })
  const before = new Set(facts.flatMap(({ name }) => [...eventsOf(world, name, events)].map(({ id }) => id)))
  // Beside an event before the end, one may be sent that nobody meant.
  const beside = (id: string) => `${id.slice(0, -6)}${String(Number(id.slice(-6)) % 500_000).padStart(6, '0')}`
  expect(sent.map(({ id }) => id).filter((id) => !before.has(beside(id)))).toEqual([])
  expect(new Set(sent.map(({ id }) => id)).size).toBeGreaterThan(before.size * 0.9)
})

test('a profile without faults delivers the timeline itself', async () => {
  const world = shopWorld(SHOP)
  const fates = new Fates({ seed: 1, max: 86_400 }, world.seed)
  const until = from(SHOP) + SECONDS_PER_DAY
  const rows = new ColumnBatch(false)
  const timeline = await open(world)(from(SHOP))
  timeline.advanceTo(until, rows)
  const sent = await deliver(world, fates, until, { step: 7_777 })
  for (const [i, letter] of ['T', 'I'].entries()) {
    const events = [...eventsOf(world, facts[i].name, rows)].map(({ data }) => data).sort()
    expect(
      sent
        .filter(({ id }) => id.startsWith(letter))
        .map(({ data }) => textOf(data))
        .sort(),
    ).toEqual(events)
  }
})

test('a limit on events ends a step with the second in which it is reached', async () => {
  const world = shopWorld(SHOP)
  const fates = new Fates(busy, world.seed)
  const until = from(SHOP) + 2 * SECONDS_PER_DAY
  const whole = byTable(await deliver(world, fates, until))
  const timeline = await FaultyTimeline.open(world, fates, { origin: from(SHOP), position: from(SHOP) }, open(world))
  const batch = new SentBatch(world, fates)
  const sent: { id: string; data: Buffer }[] = []
  for (let events = 50; timeline.position < until; events += 50) {
    batch.clear()
    const next = timeline.nextEvent(until)
    timeline.advance(until, events, batch)
    if (batch.n > 0) expect(next, formatSecond(next)).toBeLessThan(timeline.position)
    sent.push(...sentIn(world, batch))
  }
  expect(byTable(sent)).toEqual(whole)
})
