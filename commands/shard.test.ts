import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { shardOf } from './shard.ts'

const systems = [
  ['CLOUD_RUN_TASK_INDEX', 'CLOUD_RUN_TASK_COUNT'],
  ['JOB_COMPLETION_INDEX', 'JOB_COMPLETIONS'],
  ['AWS_BATCH_JOB_ARRAY_INDEX', 'AWS_BATCH_JOB_ARRAY_SIZE'],
] as const

describe.each(systems)('a task that %s numbers', (index, count) => {
  test('takes its own share; the tasks of a job take all of it, once', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 9_999 }), fc.nat(), (tasks, seed) => {
        const task = seed % tasks
        expect(shardOf(undefined, { [index]: `${task}`, [count]: `${tasks}` })).toEqual({ index: task, count: tasks })
      }),
    )
  })

  test('makes everything when it is the only one, or what a flag says', () => {
    const env = { [index]: '0', [count]: '1' }
    expect(shardOf(undefined, env)).toBeUndefined()
    expect(shardOf({ index: 1, count: 4 }, env)).toEqual({ index: 1, count: 4 })
  })

  test.each(['8', '9', '-1', '1.5', 'two', '0x1'])('is refused as number %s of 8', (number) => {
    expect(() => shardOf(undefined, { [index]: number, [count]: '8' })).toThrow(
      `no such shard: ${index}=${number}, ${count}=8`,
    )
  })

  test.each(['0', '10000', 'many'])('is refused as one of %s', (tasks) => {
    expect(() => shardOf(undefined, { [index]: '0', [count]: tasks })).toThrow('no such shard')
  })

  test('is refused without the number of tasks, which is named', () => {
    expect(() => shardOf(undefined, { [index]: '0' })).toThrow(`${index} is set, but ${count} is not`)
  })

  test('is refused with --shard: every task would generate the same shard', () => {
    expect(() => shardOf({ index: 0, count: 8 }, { [index]: '3', [count]: '8' })).toThrow(
      /--shard 1\/8 in a .* job of 8 tasks/,
    )
  })
})

test('a task that two systems number is refused', () => {
  const env = Object.fromEntries(
    systems.flatMap(([index, count]) => [
      [index, '0'],
      [count, '2'],
    ]),
  )
  expect(() => shardOf(undefined, env)).toThrow('two job systems')
})

test('a machine of one’s own makes everything', () => {
  expect(shardOf(undefined, { CLOUD_RUN_TASK_INDEX: '', JOB_COMPLETIONS: '4' })).toBeUndefined()
  expect(shardOf({ index: 0, count: 2 }, {})).toEqual({ index: 0, count: 2 })
})
