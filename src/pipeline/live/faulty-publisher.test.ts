import { expect, test } from 'vitest'
import { careful, received } from '../../../test/grade/consumers.ts'
import { memoryBroker } from '../../../test/memory-broker.ts'
import { shopConfig } from '../../../test/worlds.ts'
import type { FaultProfile } from '../../config/fault-kinds.ts'
import { digestOf, loadProfile } from '../../config/faults.ts'
import { configSchema } from '../../config/schema.ts'
import { Fates } from '../../faults/index.ts'
import type { Broker, Position } from '../../ports/index.ts'
import { byFact, facts } from '../../tables/index.ts'
import { parseSecond, SECONDS_PER_DAY } from '../../time.ts'
import { buildWorld } from '../../world/world.ts'
import { streamTo } from '../stream-to.ts'
import { openFaultyPublisher } from './faulty-publisher.ts'

const { history, ...rest } = shopConfig({ stores: 12, lines: 60 })
const config = { ...configSchema.parse({ ...rest, history: { ...history, to: '2024-01-31' } }), workspace: '/nowhere' }
const world = buildWorld(config)
const hostile = loadProfile('hostile', '.', ['changed'])
/** Most clocks are wrong, also around the first and the last midnight. */
const profile = { ...hostile, skew: { ...hostile.skew!, rate: 0.5 } }
const FROM = world.from * SECONDS_PER_DAY
const END = FROM + 3 * SECONDS_PER_DAY

/** A broker that takes a number of messages, and then dies. */
function mortalBroker() {
  const published = byFact((): string[] => [])
  let saved: Position | undefined
  const broker: Broker & { left: number } = {
    ...memoryBroker(),
    left: Number.POSITIVE_INFINITY,
    async publish(table, _, messages) {
      for (const { data } of messages) {
        if (--broker.left < 0) throw new Error('the broker died')
        published[table].push(Buffer.from(data as Uint8Array).toString('latin1'))
      }
    },
    position: async () => saved,
    async savePosition(position) {
      saved = structuredClone(position)
    },
  }
  const run = async (
    until: number,
    { drain = false, messages = Number.POSITIVE_INFINITY, faults = profile as FaultProfile } = {},
  ) => {
    broker.left = messages
    const of = { broker, world, fates: new Fates(faults, world.seed), profile: digestOf(faults), history: FROM }
    const options = { speed: 'max' as const, from: FROM, until, faults: { profile: faults, drain } }
    return await streamTo(() => openFaultyPublisher(of), config, options)
  }
  return { run, published, saved: () => saved! }
}

test('a stream that is stopped and killed publishes every copy, and says how many ids are right in the end', async () => {
  const { run, published, saved } = mortalBroker()
  await expect(run(END, { drain: true, messages: 700 })).rejects.toThrow('died')
  await run(FROM + 1.4 * SECONDS_PER_DAY)
  expect(saved().checkpoints).toEqual([])
  await expect(run(END, { drain: true, messages: 900 })).rejects.toThrow('died')
  await run(END, { drain: true })

  const right = byFact(() => 0)
  for (const { name } of facts) {
    const copies = await received(world, profile, name, END)
    expect(new Set(published[name])).toEqual(new Set(copies.map(({ body }) => body.toString('latin1'))))
    expect(published[name].length).toBeGreaterThanOrEqual(copies.length)
    const times = careful(copies, name).rows.map(({ timestamp }) => parseSecond(timestamp!)!)
    right[name] = times.filter((time) => time >= FROM && time < END).length
  }
  expect(saved()).toMatchObject({ since: FROM, position: END, checkpoints: [{ at: END, rows: right }] })
  const { repeats, ...faults } = saved().faults!
  expect(faults).toEqual({ profile: digestOf(profile), drained: END })
  // The second and the fourth stream began where a killed one had not recorded what it sent.
  expect(repeats).toHaveLength(2)
  for (const { name } of facts) {
    const left = new Map<string, number>()
    for (const body of published[name]) left.set(body, (left.get(body) ?? 0) + 1)
    const copies = (await received(world, profile, name, END)).map(({ at, body }) => ({
      at,
      body: body.toString('latin1'),
    }))
    for (const { body } of copies) left.set(body, left.get(body)! - 1)
    expect([...left.values()].some((more) => more > 0)).toBe(true)
    for (const { at, body } of copies) if (repeats!.some(({ from, to }) => at >= from && at < to)) left.delete(body)
    expect([...left.values()].filter((more) => more > 0)).toEqual([])
  }
})

test('other faults, and none, are refused where there are events', async () => {
  const { run } = mortalBroker()
  await run(FROM + SECONDS_PER_DAY)
  const mild = run(END, { faults: loadProfile('mild') })
  await expect(mild).rejects.toMatchObject({ code: 'foreign_world', why: expect.stringContaining(digestOf(profile)) })
})
