import fs from 'node:fs'
import path from 'node:path'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { freshFolder } from '../../../test/front-door.ts'
import { folderWorkspace } from './folder-workspace.ts'

describe('the cache of a workspace', () => {
  test('gives back what was saved, and nothing when a byte of it is cut or altered', async () => {
    const folder = freshFolder()
    const workspace = folderWorkspace(folder)
    const damage = fc.record({ at: fc.nat(), cut: fc.boolean(), bit: fc.nat(7) })
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), damage, async (bytes, { at, cut, bit }) => {
        await workspace.save('snapshots/w/1', bytes)
        expect(Buffer.compare((await workspace.load('snapshots/w/1'))!, bytes)).toBe(0)
        const file = path.join(folder, 'cache/snapshots/w/1')
        const saved = fs.readFileSync(file)
        const where = at % saved.length
        if (!cut) saved[where] ^= 1 << bit
        fs.writeFileSync(file, cut ? saved.subarray(0, where) : saved)
        expect(await workspace.load('snapshots/w/1')).toBeUndefined()
      }),
      { numRuns: 40 },
    )
  })

  test('lists, keeps and forgets by name', async () => {
    const workspace = folderWorkspace(freshFolder())
    expect(await workspace.load('a/1')).toBeUndefined()
    expect(await workspace.cached('a')).toEqual([])
    for (const name of ['1', '2', '3']) await workspace.save(`a/${name}`, Buffer.from(name))
    await workspace.forget('a', ['2'])
    await workspace.forget('never', [])
    expect(await workspace.cached('a')).toEqual(['2'])
  })
})

describe('a reader of the lake', () => {
  test('is known while it reads, by every process', async () => {
    const folder = freshFolder()
    const [one, other] = [folderWorkspace(folder), folderWorkspace(folder)]
    expect(await other.isRead()).toBe(false)
    const reading = await one.reading()
    const second = await one.reading()
    await reading[Symbol.asyncDispose]()
    expect(await other.isRead()).toBe(true)
    await second[Symbol.asyncDispose]()
    expect(await other.isRead()).toBe(false)
  })

  test('that died is forgotten', async () => {
    const folder = freshFolder()
    const file = path.join(folder, 'readers/999999999-0.json')
    fs.mkdirSync(path.dirname(file))
    fs.writeFileSync(file, JSON.stringify({ pid: 999_999_999 }))
    expect(await folderWorkspace(folder).isRead()).toBe(false)
    expect(fs.existsSync(file)).toBe(false)
  })

  test('that is just announcing itself is left alone', async () => {
    const folder = freshFolder()
    const half = path.join(folder, `readers/1-0.json.1-0.tmp`)
    fs.mkdirSync(path.dirname(half))
    fs.writeFileSync(half, '{"pid":')
    expect(await folderWorkspace(folder).isRead()).toBe(false)
    expect(fs.existsSync(half)).toBe(true)
  })
})

test('the last run of each command is remembered, and the ticks of a stream', async () => {
  const workspace = folderWorkspace(freshFolder())
  expect(await workspace.runs()).toEqual({})
  expect(await workspace.tick()).toBeUndefined()
  const run = { command: 'backfill', startedAt: '2024-01-01T00:00:00Z', pid: 1 }
  await workspace.record(run)
  await workspace.record({ ...run, finishedAt: '2024-01-01T00:00:09Z' })
  await workspace.record({ ...run, command: 'stream' })
  expect(await workspace.runs()).toEqual({
    backfill: { ...run, finishedAt: '2024-01-01T00:00:09Z' },
    stream: { ...run, command: 'stream' },
  })
  await workspace.recordTick({ position: 'here' })
  expect(await workspace.tick()).toEqual({ position: 'here' })
})
