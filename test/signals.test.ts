import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync } from 'node:fs'
import { describe, expect, onTestFinished, test } from 'vitest'
import { bin, retail, start, workspace } from './tool.ts'

const tiny = { stores: 3, products: 30, lines: 40, to: '2024-01-03' }

/** A stream that has delivered something. */
async function streaming(): Promise<ReturnType<typeof start>> {
  const folder = workspace(tiny)
  expect((await retail(folder, 'seed-dims')).code).toBe(0)
  expect((await retail(folder, 'backfill')).code).toBe(0)
  const child = start(folder, 'stream --json --speed 3600')
  await new Promise<void>((resolve) => {
    let text = ''
    child.stdout!.on('data', (chunk) => {
      text += chunk
      if (text.includes('"progress"')) resolve()
    })
  })
  return child
}

describe('a running stream', () => {
  test.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const)('ends cleanly on %s and says how to go on', async (signal, code) => {
    const child = await streaming()
    child.kill(signal)
    const ended = await child.ended
    expect(ended.code, ended.stderr).toBe(code)
    expect(ended.stderr).toMatch(/Resume with: {2}retail stream --json --speed 3600/)
    expect(JSON.parse(ended.stdout.trim().split('\n').at(-1)!)).toMatchObject({
      type: 'result',
      ok: false,
      stoppedBy: 'signal',
    })
  })

  test('ends when its reader leaves, without a word', async () => {
    const folder = workspace(tiny)
    await start(folder, 'seed-dims').ended
    await start(folder, 'backfill').ended
    const child = spawn(
      'bash',
      ['-o', 'pipefail', '-c', `"$0" "$1" stream --json --speed 3600 | head -2`, process.execPath, bin],
      {
        cwd: folder,
        stdio: ['ignore', 'pipe', 'pipe'],
      },
    )
    let stderr = ''
    child.stderr.on('data', (chunk) => (stderr += chunk))
    child.stdout.resume()
    const code = await new Promise((resolve) => child.on('close', resolve))
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  })
})

test.each(['status', 'status --json', 'plan', 'help'])(
  '%s on a full disk: one sentence and an exit code',
  async (line) => {
    const folder = workspace({ stores: 2, products: 20, to: '2024-01-02' })
    const full = openSync('/dev/full', 'w')
    onTestFinished(() => closeSync(full))
    const child = spawn(process.execPath, [bin, ...line.split(' ')], { cwd: folder, stdio: ['ignore', full, 'pipe'] })
    let stderr = ''
    child.stderr!.on('data', (chunk) => (stderr += chunk))
    const [code] = await once(child, 'close')
    expect([code, stderr]).toEqual([1, expect.stringMatching(/^error: .*(no space left|ENOSPC).*\n/m)])
    expect(stderr).not.toMatch(/^\s+at /m)
  },
)
