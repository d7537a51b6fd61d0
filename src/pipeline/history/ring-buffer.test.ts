import { Worker } from 'node:worker_threads'
import { expect, onTestFinished, test } from 'vitest'
import { openRingBuffer, readRingBuffer, slotsOf } from './ring-buffer.ts'

test('a slot is free when it was given back, whoever wakes the worker', async () => {
  const ring = openRingBuffer()
  const nextSlot = slotsOf(ring)
  while (Atomics.load(ring.free, 0) > 0) nextSlot()
  /** what was done: a slot given back, one taken */
  const done = new Int32Array(new SharedArrayBuffer(8))
  // Wakes twice for nothing, as a reader that gave back an earlier slot and comes late to notify; only then is there room.
  const waker = new Worker(
    `const { free, done } = require('node:worker_threads').workerData
    const woken = () => { while (Atomics.notify(free, 0) === 0) if (Atomics.load(done, 1)) return false; return true }
    if (woken() && woken()) { Atomics.store(done, 0, 1); Atomics.add(free, 0, 1); Atomics.notify(free, 0) }`,
    { eval: true, workerData: { free: ring.free, done } },
  )
  onTestFinished(async () => void (await waker.terminate()))
  expect(nextSlot()).toBeInstanceOf(Uint8Array)
  const givenBack = Atomics.load(done, 0)
  Atomics.store(done, 1, 1)
  expect(givenBack).toBe(1)
})

test('a worker that waits for room is released at the end', () => {
  const ring = openRingBuffer()
  const nextSlot = slotsOf(ring)
  readRingBuffer(ring).end('over')
  expect(nextSlot()).toBeUndefined()
})

test('slots come in order, and rows that never come are an error', async () => {
  const ring = openRingBuffer()
  const [nextSlot, reader] = [slotsOf(ring), readRingBuffer(ring)]
  for (let i = 0; i < 3; i++) {
    nextSlot()?.fill(i, 0, 10 + i)
    reader.push({ sizeBytes: 10 + i, rows: 1, ends: false })
  }
  reader.close()
  const taken: number[][] = []
  await expect(reader.drain(async (bytes) => void taken.push([...bytes]))).rejects.toThrow('before it delivered')
  expect(taken).toEqual([0, 1, 2].map((i) => Array(10 + i).fill(i)))
})
