import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import fc from 'fast-check'
import { describe, expect, onTestFinished, test } from 'vitest'
import { freshFolder } from '../../../test/front-door.ts'
import type { Shard } from '../../ports/index.ts'
import { acquireLock } from './lock.ts'
import { ownersOf } from './owners.ts'
import { acquireShare, overlap } from './share.ts'

const BUILT = path.resolve('dist/src/adapters/local/share.js')

interface Rival {
  child: ChildProcess
  said: string
}

/** Another process that takes a shard, says whether it came in alone or why not, and keeps it until it is killed. */
async function rival(folder: string, number: number, count: number, version = '1.0.0'): Promise<Rival> {
  const script = `
    import { acquireShare } from ${JSON.stringify(BUILT)}
    let came
    try {
      await acquireShare(process.argv[1], 'backfill', ${JSON.stringify(version)}, ${JSON.stringify({ index: number - 1, count })},
        async (alone) => { came = alone ? 'alone' : 'beside others' })
      process.stdout.write(came)
      setInterval(() => {}, 1e6)
    } catch (error) {
      process.stdout.write(error.code + ': ' + error.message)
    }`
  const child = spawn(process.execPath, ['--input-type=module', '-e', script, folder], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  const [said] = await once(child.stdout!, 'data')
  return { child, said: String(said) }
}

async function kill({ child }: Rival): Promise<void> {
  child.kill('SIGKILL')
  await once(child, 'exit')
}

const share = (folder: string, shard: Shard) => acquireShare(folder, 'backfill', '1.0.0', shard, async () => {})

describe('shards of one workspace', () => {
  test('write side by side: one came in alone, the others beside it', async () => {
    const folder = freshFolder()
    const rivals = await Promise.all([1, 2, 3, 4].map((number) => rival(folder, number, 4)))
    expect(rivals.map(({ said }) => said).sort()).toEqual(['alone', ...Array(3).fill('beside others')])
    expect(
      ownersOf(folder, 'lake')
        .map(({ shard }) => shard)
        .sort(),
    ).toEqual(['1/4', '2/4', '3/4', '4/4'])
  })

  test('keep everyone else out as long as one is there, and let in the next when it is killed', async () => {
    const folder = freshFolder()
    const [one, two] = await Promise.all([rival(folder, 1, 2), rival(folder, 2, 2)])
    await kill(one)
    await expect(acquireLock(folder, 'lake', 'stream')).rejects.toMatchObject({
      code: 'busy',
      message: `\`retail backfill --shard 2/2\` (pid ${two.child.pid}) is using this workspace's lake`,
    })
    await kill(two)
    await using _lock = await acquireLock(folder, 'lake', 'stream')
    await expect(share(folder, { index: 0, count: 2 })).rejects.toMatchObject({
      code: 'busy',
      message: expect.stringContaining('`retail stream`'),
    })
  })

  test.each([
    [2, 4],
    [1, 2],
    [2, 6],
  ])('refuse %i/%i beside 2/4, or let it in when no block is in both', async (number, count) => {
    const folder = freshFolder()
    const first = await rival(folder, 2, 4)
    const { said } = await rival(folder, number, count)
    expect(said).toBe(
      number === 2
        ? `busy: \`retail backfill --shard 2/4\` (pid ${first.child.pid}) is generating rows of shard ${number}/${count}`
        : 'beside others',
    )
  })

  test('take up the share of one that was killed', async () => {
    const folder = freshFolder()
    await kill(await rival(folder, 1, 2))
    await using _again = await share(folder, { index: 0, count: 2 })
    expect(ownersOf(folder, 'lake')).toMatchObject([{ shard: '1/2', pid: process.pid }])
  })

  test('refuse one of another version, and name both', async () => {
    const folder = freshFolder()
    const { child } = await rival(folder, 1, 2, '0.9.0')
    await expect(share(folder, { index: 1, count: 2 })).rejects.toMatchObject({
      code: 'busy',
      message: `\`retail backfill --shard 1/2\` (pid ${child.pid}) has version 0.9.0; this is 1.0.0`,
    })
  })

  test('give the right back when they cannot begin', async () => {
    const folder = freshFolder()
    const fails = async () => Promise.reject(new Error('another world'))
    await expect(acquireShare(folder, 'backfill', '1', { index: 0, count: 2 }, fails)).rejects.toThrow('another world')
    await using _lock = await acquireLock(folder, 'lake', 'stream')
  })
})

test('two shards overlap exactly when a block number is in both', () => {
  const shard = fc
    .integer({ min: 1, max: 24 })
    .chain((count) => fc.record({ index: fc.nat(count - 1), count: fc.constant(count) }))
  fc.assert(
    fc.property(shard, shard, (a, b) => {
      const both = Array.from({ length: a.count * b.count }, (_, block) => block).some(
        (block) => block % a.count === a.index && block % b.count === b.index,
      )
      expect(overlap(a, b)).toBe(both)
    }),
  )
})
