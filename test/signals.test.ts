import { spawn } from 'node:child_process'
import { describe, expect, test } from 'vitest'
import { bin, start, workspace } from './tool.ts'

const tiny = { stores: 3, products: 30, lines: 40, to: '2024-01-03' }

/** A stream that has delivered something. */
async function streaming(): Promise<ReturnType<typeof start>> {
  const folder = workspace(tiny)
  expect((await start(folder, 'seed-dims').ended).code).toBe(0)
  expect((await start(folder, 'backfill').ended).code).toBe(0)
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
    expect(ended.stderr).toContain('Go on with:  retail stream --json --speed 3600')
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
