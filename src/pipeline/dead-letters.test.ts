import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { freshFolder } from '../../test/front-door.ts'
import { localShop } from '../../test/history.ts'
import { memoryBroker } from '../../test/memory-broker.ts'
import { memoryLetters } from '../../test/memory-letters.ts'
import { rowsOfDays, shopWorld } from '../../test/worlds.ts'
import type { Config } from '../config/schema.ts'
import { eventsOf } from '../encode/events.ts'
import type { AppendRow, LiveByBroker, Ports } from '../ports/index.ts'
import { exportLetters } from './dead-letters/export-letters.ts'
import { dropLetters, listLetters, replayLetters, showLetters } from './dead-letters.ts'

const SHOP = { stores: 2, products: 20, lines: 8 }
const world = shopWorld(SHOP)
const events = [...eventsOf(world, 'transactions', rowsOfDays(world, 1))]
const QUICK = { quietMs: 60 }

type Call = 'publish' | 'append'

/** A target whose broker has given up on messages. `fails`: the n-th call does, before or after it has an effect. */
function letterBox(fails?: { call: number; after: boolean }) {
  const { config, ports } = localShop(SHOP)
  const [broker, letters] = [memoryBroker(), memoryLetters()]
  const violations: string[] = []
  let [left, broken] = [fails?.call ?? -1, fails !== undefined]

  async function call<T>(_name: Call, work: () => Promise<T>): Promise<T> {
    const dies = broken && left-- === 0
    if (dies) broken = false
    if (dies && !fails?.after) throw new Error('killed before')
    const result = await work()
    if (dies) throw new Error('killed after')
    return result
  }

  const isStored = (id: string) => letters.rows.some(({ message_id }) => message_id === id)
  const live: LiveByBroker = {
    by: 'broker',
    arrival: { by: 'itself', what: 'a test', setting: 'none' },
    stopAfterMs: 1,
    broker: {
      ...broker,
      publish: (...given) => call('publish', () => broker.publish(...given)),
      subscribe: (table, messages, onDelivery, onError) =>
        broker.subscribe(
          table,
          messages,
          (delivery) =>
            onDelivery({
              ...delivery,
              ack() {
                if (!isStored(delivery.messageId))
                  violations.push(`${delivery.messageId} was acknowledged before its row`)
                delivery.ack()
              },
            }),
          onError,
        ),
    },
  }
  const marks = (rows: readonly AppendRow[]) => rows.filter(({ state }) => state === 'replayed')
  const deadLetters: Ports['deadLetters'] = {
    ...letters,
    async openAppender() {
      const appender = await letters.openAppender()
      return {
        ...appender,
        append: (table, rows, signal) =>
          call('append', () => {
            for (const { event_id } of marks(rows))
              if (!broker.events.has(String(event_id)))
                violations.push(`${event_id} was marked before it was published`)
            return appender.append(table, rows, signal)
          }),
      }
    },
  }
  return { config, ports: { ...ports, live, deadLetters } as Ports, broker, letters, violations }
}

const message = (i: number) => ({
  messageId: `m${i}`,
  data: Buffer.from(events[i].data),
  attributes: { id: events[i].id, table: 'transactions', world: world.id },
})
const damaged = (i: number) => ({ ...message(i), data: Buffer.from([0xff, 0xfe]) })

test('no letter is lost, acknowledged before its row, or marked before its event is published, whichever call fails', async () => {
  const batch = fc.uniqueArray(fc.record({ nth: fc.nat(events.length - 1), bad: fc.boolean() }), {
    selector: ({ nth }) => nth,
    minLength: 1,
    maxLength: 5,
  })
  const failure = fc.record({ call: fc.nat(3), after: fc.boolean() })
  await fc.assert(
    fc.asyncProperty(batch, failure, async (sent, fails) => {
      const { config, ports, broker, letters, violations } = letterBox(fails)
      for (const { nth, bad } of sent) broker.giveUp(bad ? damaged(nth) : message(nth))
      // The first run may be killed; the second one does what is left.
      await replayLetters(ports, config, QUICK).catch(() => {})
      await replayLetters(ports, config, QUICK)
      const found = await letters.read({}, 100)
      expect(found.map(({ id, state }) => [id, state]).sort()).toEqual(
        sent.map(({ nth, bad }) => [`m${nth}`, bad ? 'open' : 'replayed']).sort(),
      )
      expect([...broker.events].sort()).toEqual(
        sent
          .filter(({ bad }) => !bad)
          .map(({ nth }) => [events[nth].id, events[nth].data])
          .sort(),
      )
      expect(violations).toEqual([])
    }),
    { numRuns: 25 },
  )
})

test('a message says what is wrong with it and which event it carries, even if its body is damaged', async () => {
  const { config, ports, broker } = letterBox()
  broker.giveUp(damaged(0))
  broker.giveUp({ ...message(1), attributes: { world: 'another', table: 'transactions' } })
  broker.giveUp({ messageId: 'm2', data: Buffer.from('{}'), attributes: {} })
  const { letters, collected } = await listLetters(ports, config, { limit: 10, ...QUICK })
  expect(collected).toBe(3)
  const sent = 'somebody sent it to the dead-letter topic'
  expect(letters.map(({ id, table, reason, event }) => [id, table, reason, event?.id])).toEqual([
    ['m0', 'transactions', `it is not JSON; ${sent}`, events[0].id],
    ['m1', 'transactions', `it belongs to another world (another); ${sent}`, undefined],
    ['m2', undefined, sent, undefined],
  ])
  const shown = await showLetters(ports, config, { ids: ['m0', 'm2'], ...QUICK })
  expect(shown.letters.map(({ body }) => body)).toEqual([{ base64: '//4=' }, { text: '{}' }])
})

test('drop keeps the row, with who and why, and takes only open letters', async () => {
  const { config, ports, broker, letters } = letterBox()
  for (const i of [0, 1]) broker.giveUp(message(i))
  const drop = (config: Config, ids?: string[]) =>
    dropLetters(ports, config, { ids, open: true, reason: 'a test message', ...QUICK })
  expect(await drop(config, ['m0'])).toMatchObject({ dropped: 1 })
  expect((await letters.read({ ids: ['m0'] }, 1))[0]).toMatchObject({
    state: 'dropped',
    marked: { by: 'a test', note: 'a test message' },
    data: message(0).data,
  })
  await expect(drop(config, ['m0'])).rejects.toMatchObject({
    code: 'bad_flag',
    message: expect.stringContaining('dropped already'),
  })
  await expect(drop(config, ['m7'])).rejects.toMatchObject({ code: 'bad_flag', message: 'there is no dead letter m7' })
  expect(await drop(config)).toMatchObject({ dropped: 1 })
  // Who dropped one by mistake replays it by name.
  expect(await replayLetters(ports, config, { ids: ['m0'], ...QUICK })).toMatchObject({ replayed: { transactions: 1 } })
  expect(await replayLetters(ports, config, QUICK)).toMatchObject({ replayed: { transactions: 0 }, invalid: 0 })
})

test('an export has every letter whole, and a file is replaced only on demand', async () => {
  const { config, ports, broker } = letterBox()
  broker.giveUp(message(0))
  broker.giveUp({ ...damaged(1), attributes: { note: 'a "quoted",\nline' } })
  const file = path.join(freshFolder(), 'letters')
  const to = (format: 'csv' | 'ndjson', force = false) =>
    exportLetters(ports, config, { format, out: { file, force }, ...QUICK })
  expect(await to('ndjson')).toMatchObject({ letters: 2, file })
  const [whole, broken] = readFileSync(file, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
  expect(whole).toMatchObject({ id: 'm0', event_id: events[0].id, state: 'open', text: events[0].data })
  expect(broken).toMatchObject({ id: 'm1', base64: '//4=', attributes: { note: 'a "quoted",\nline' } })
  // No state: of any state.
  await expect(to('csv')).rejects.toMatchObject({
    code: 'bad_flag',
    hint: `replace it: retail dead-letters export --state all --format csv --out ${file} --force`,
  })
  await to('csv', true)
  const [head, ...lines] = readFileSync(file, 'utf8').split('\n')
  expect(head).toBe(
    'id,subscription,table,received_at,reason,event_id,event_time,state,marked_at,marked_by,note,attributes,text,base64',
  )
  expect(lines[1]).toContain(`"{""note"":""a \\""quoted\\"",\\nline""}",,//4=`)
  const nowhere = path.join(file, 'in-a-file')
  await expect(exportLetters(ports, config, { format: 'csv', out: { file: nowhere }, ...QUICK })).rejects.toThrow()
  expect(existsSync(nowhere)).toBe(false)
})
