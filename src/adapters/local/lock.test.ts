import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import fs from 'node:fs'
import path from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { freshFolder } from '../../../test/front-door.ts'
import { useDisk } from '../../disk.ts'
import { acquireLock } from './lock.ts'
import { ownerOf } from './owners.ts'

const BUILT = path.resolve('dist/src/adapters/local/lock.js')

/** Another process that takes the lake's lock, says `held` or why not, and keeps it until it is killed. */
async function rival(folder: string): Promise<{ child: ChildProcess; said: string }> {
  const script = `
    import { acquireLock } from ${JSON.stringify(BUILT)}
    try {
      await acquireLock(process.argv[1], 'lake', 'stream')
      process.stdout.write('held')
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

async function kill(child: ChildProcess): Promise<void> {
  child.kill('SIGKILL')
  await once(child, 'exit')
}

describe('only one writer can run at a time', () => {
  test('two that come at once: one wins, the other is told command and pid of the first', async () => {
    const folder = freshFolder()
    const both = await Promise.all([rival(folder), rival(folder)])
    const [winner, loser] = both.sort(({ said }) => (said === 'held' ? -1 : 1))
    expect(winner.said).toBe('held')
    expect(loser.said).toBe(`busy: \`retail stream\` (pid ${winner.child.pid}) is using this workspace's lake`)
    expect(ownerOf(folder, 'lake')).toMatchObject({ command: 'stream', pid: winner.child.pid })
  })

  test('when the writer is killed the next one gets in, and nobody is named', async () => {
    const folder = freshFolder()
    const { child, said } = await rival(folder)
    expect(said).toBe('held')
    await expect(acquireLock(folder, 'lake', 'backfill')).rejects.toMatchObject({
      code: 'busy',
      why: expect.stringContaining('since'),
    })
    await kill(child)
    expect(ownerOf(folder, 'lake')).toBeUndefined()
    await using _lock = await acquireLock(folder, 'lake', 'backfill')
    expect(ownerOf(folder, 'lake')).toMatchObject({ command: 'backfill', pid: process.pid })
  })

  test('is let in after the one before, in the same process too, and other locks are free', async () => {
    const folder = freshFolder()
    const first = await acquireLock(folder, 'lake', 'backfill')
    await using _other = await acquireLock(folder, 'build', 'transform')
    const waiting = acquireLock(folder, 'lake', 'stream')
    await first[Symbol.asyncDispose]()
    await using _second = await waiting
    expect(ownerOf(folder, 'lake')?.command).toBe('stream')
  })
})

describe('the file that is locked', () => {
  test('is never seen half made', async () => {
    const folder = freshFolder()
    await (await acquireLock(folder, 'lake', 'backfill'))[Symbol.asyncDispose]()
    expect(fs.readdirSync(folder)).toEqual(['lake.lock'])
    // A writer that died while it made one leaves a name of its own, which is in nobody's way.
    fs.renameSync(path.join(folder, 'lake.lock'), path.join(folder, '1-a-0'))
    await using _lock = await acquireLock(folder, 'lake', 'backfill')
    expect(ownerOf(folder, 'lake')?.command).toBe('backfill')
  })

  test.each([
    ['empty', ''],
    ['cut', 'DUCK'],
    ['another file', 'x'.repeat(20_000)],
  ])('that is damaged (%s) is reported as damaged, not as busy', async (_, text) => {
    const folder = freshFolder()
    fs.writeFileSync(path.join(folder, 'lake.lock'), text)
    await expect(acquireLock(folder, 'lake', 'backfill')).rejects.toMatchObject({
      code: 'damaged',
      message: `${path.join(folder, 'lake.lock')} is damaged`,
      hint: expect.stringContaining('retail repair'),
    })
  })
})

describe('on a disk that', () => {
  const failing = (name: 'fsyncSync' | 'linkSync', code: string) => {
    useDisk({
      ...fs,
      [name]: () => {
        throw Object.assign(new Error(`${code}: ${name}`), { code })
      },
    })
    onTestFinished(() => useDisk())
  }

  test('fails while the lock is made, no lock is left that a power loss could empty', async () => {
    const folder = freshFolder()
    failing('fsyncSync', 'EIO')
    await expect(acquireLock(folder, 'lake', 'stream')).rejects.toThrow()
    expect(fs.existsSync(path.join(folder, 'lake.lock'))).toBe(false)
    useDisk()
    await using _lock = await acquireLock(folder, 'lake', 'stream')
  })

  test('has no links, one writer gets in at a time, all the same', async () => {
    const folder = freshFolder()
    failing('linkSync', 'EPERM')
    await using _lock = await acquireLock(folder, 'lake', 'stream')
    expect((await rival(folder)).said).toMatch(/^busy/)
  })
})
