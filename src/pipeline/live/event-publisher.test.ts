import { expect, test } from 'vitest'
import { memoryBroker } from '../../../test/memory-broker.ts'
import { shopConfig } from '../../../test/worlds.ts'
import type { Position } from '../../ports/index.ts'
import { ColumnBatch } from '../../simulator/column-batch.ts'
import { buildWorld } from '../../world/world.ts'
import { EventPublisher } from './event-publisher.ts'

const world = buildWorld(shopConfig())
const START = 1_704_067_200
const none = new ColumnBatch(false, 1)

/** A broker whose publishes and saves a test lets through. */
function slowBroker() {
  const inner = memoryBroker()
  const saves: Position[] = []
  const slow = { publish: Promise.resolve(), save: Promise.resolve() }
  let saving = 0
  return {
    saves,
    slow,
    broker: {
      ...inner,
      async publish() {
        await slow.publish
      },
      async savePosition(position: Position) {
        // A second one at the same time would replace a version that is gone.
        expect(++saving).toBe(1)
        await slow.save
        saves.push(structuredClone(position))
        saving--
      },
    },
  }
}

/** Saves by itself only at its end: its clock stands still. */
const opened = (broker: ReturnType<typeof slowBroker>['broker'], signal: AbortSignal) =>
  EventPublisher.open(broker, world, START, { now: () => 0, signal })

test('that is stopped while a batch hangs has saved all that was accepted before it', async () => {
  const { broker, saves, slow } = slowBroker()
  const stop = new AbortController()
  const publisher = await opened(broker, stop.signal)
  await publisher.write(START + 10, none)
  await publisher.write(START + 20, none)
  let accept = () => {}
  slow.publish = new Promise((resolve) => (accept = resolve))
  const hanging = publisher.write(START + 30, none)
  stop.abort()
  await expect.poll(() => saves.at(-1)?.position).toBe(START + 20)
  expect(saves.at(-1)?.checkpoints.at(-1)?.at).toBe(START + 20)
  accept()
  await hanging
  await publisher.close()
  expect(saves.map(({ position }) => position)).toEqual([START, START + 20, START + 30])
})

test('saves one position after another, also if it ends while the first one is on its way', async () => {
  const { broker, saves, slow } = slowBroker()
  const stop = new AbortController()
  const publisher = await opened(broker, stop.signal)
  await publisher.write(START + 10, none)
  let answer = () => {}
  slow.save = new Promise((resolve) => (answer = resolve))
  stop.abort()
  await publisher.write(START + 20, none)
  const closed = publisher.close()
  answer()
  await closed
  expect(saves.at(-1)?.position).toBe(START + 20)
})

test('whose save at the signal failed saves again at its end, and throws if that fails, too', async () => {
  const { broker } = slowBroker()
  const stop = new AbortController()
  const saved: number[] = []
  let failures = 0
  const failing = {
    ...broker,
    async savePosition({ position }: Position) {
      if (failures-- > 0) throw new Error('no answer')
      saved.push(position)
    },
  }
  const publisher = await opened(failing, stop.signal)
  await publisher.write(START + 10, none)
  failures = 1
  stop.abort()
  await publisher.close()
  expect(saved.at(-1)).toBe(START + 10)
  await publisher.write(START + 20, none)
  failures = 1
  await expect(publisher.close()).rejects.toThrow('no answer')
})
