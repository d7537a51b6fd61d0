import { expect, test } from 'vitest'
import { BackgroundWriter } from './background-writer.ts'

/** A writer of items of 2,000 events, whose place takes a group when it is told to. */
function slowPlace() {
  const groups: number[][] = []
  let answer: (error?: Error) => void = () => {}
  const writer = new BackgroundWriter<number>({
    sizeOf: () => 2_000,
    write: (group) =>
      new Promise((resolve, reject) => {
        groups.push([...group])
        answer = (error) => (error ? reject(error) : resolve())
      }),
  })
  const settled = async (work: Promise<void>) =>
    await Promise.race([work.then(() => true), new Promise((resolve) => setImmediate(() => resolve(false)))])
  return { writer, groups, settled, answer: (error?: Error) => answer(error) }
}

test('what arrives while a group is written is the next group, in order', async () => {
  const { writer, groups, settled, answer } = slowPlace()
  for (const item of [1, 2, 3]) expect(await settled(writer.add(item))).toBe(true)
  expect(groups).toEqual([[1]])
  answer()
  const flushed = writer.flush()
  expect(await settled(flushed)).toBe(false)
  expect(groups).toEqual([[1], [2, 3]])
  answer()
  await flushed
})

test('a place that takes nothing makes the writer wait', async () => {
  const { writer, groups, settled, answer } = slowPlace()
  await writer.add(0)
  let waiting: Promise<void> | undefined
  let item = 1
  for (; item < 100; item++) {
    waiting = writer.add(item)
    if (!(await settled(waiting))) break
  }
  expect(item).toBeLessThan(10)
  answer()
  await waiting
  answer()
  await writer.flush()
  expect(groups.flat()).toEqual(Array.from({ length: item + 1 }, (_, i) => i))
})

test('a failed write fails every later call, also one that waits, and nothing is written after it', async () => {
  const { writer, groups, settled, answer } = slowPlace()
  await writer.add(0)
  const waiting = Promise.all([1, 2, 3, 4].map((item) => writer.add(item)))
  await settled(waiting.then(() => {}))
  answer(new Error('refused'))
  await expect(waiting).rejects.toThrow('refused')
  await expect(writer.add(5)).rejects.toThrow('refused')
  await expect(writer.flush()).rejects.toThrow('refused')
  expect(groups).toEqual([[0]])
})
