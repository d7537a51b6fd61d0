import { Worker } from 'node:worker_threads'
import { expect, onTestFinished, test } from 'vitest'
import { openLane, readLane, slotsOf } from './lane.ts'

test('a slot is free when it was given back, whoever wakes the worker', async () => {
  const lane = openLane()
  const nextSlot = slotsOf(lane)
  while (Atomics.load(lane.free, 0) > 0) nextSlot()
  /** what was done: a slot given back, one taken */
  const done = new Int32Array(new SharedArrayBuffer(8))
  // Wakes twice for nothing, as a reader that gave back an earlier slot and comes late to notify; only then is there room.
  const waker = new Worker(
    `const { free, done } = require('node:worker_threads').workerData
    const woken = () => { while (Atomics.notify(free, 0) === 0) if (Atomics.load(done, 1)) return false; return true }
    if (woken() && woken()) { Atomics.store(done, 0, 1); Atomics.add(free, 0, 1); Atomics.notify(free, 0) }`,
    { eval: true, workerData: { free: lane.free, done } },
  )
  onTestFinished(async () => void (await waker.terminate()))
  expect(nextSlot()).toBeInstanceOf(Uint8Array)
  const givenBack = Atomics.load(done, 0)
  Atomics.store(done, 1, 1)
  expect(givenBack).toBe(1)
})

test('a worker that waits for room is let go at the end', () => {
  const lane = openLane()
  const nextSlot = slotsOf(lane)
  readLane(lane).end('over')
  expect(nextSlot()).toBeUndefined()
})

test('slots come in order, and rows that never come are told of', async () => {
  const lane = openLane()
  const [nextSlot, reader] = [slotsOf(lane), readLane(lane)]
  for (let i = 0; i < 3; i++) {
    nextSlot()?.fill(i, 0, 10 + i)
    reader.push({ sizeBytes: 10 + i, rows: 1, ends: false })
  }
  reader.close()
  const taken: number[][] = []
  await expect(reader.stretch(async (bytes) => void taken.push([...bytes]))).rejects.toThrow('before its rows')
  expect(taken).toEqual([0, 1, 2].map((i) => Array(10 + i).fill(i)))
})
