import { appendFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { freshFolder } from '../../test/front-door.ts'
import { follow } from './follow.ts'

test('lines arrive in order, split characters arrive complete, and the last line needs no end', async () => {
  const file = path.join(freshFolder(), 'log')
  writeFileSync(file, 'before\n')
  let end = () => {}
  const lines = follow(file, 7, new Promise<void>((resolve) => (end = resolve)))
  const next = async () => (await lines.next()).value
  appendFileSync(file, 'one\ntwo\nthr')
  expect([await next(), await next()]).toEqual(['one', 'two'])
  const euro = Buffer.from('ee €\n')
  appendFileSync(file, euro.subarray(0, 4))
  const third = next()
  appendFileSync(file, euro.subarray(4))
  expect(await third).toBe('three €')
  appendFileSync(file, 'last')
  end()
  expect([await next(), await next()]).toEqual(['last', undefined])
})
