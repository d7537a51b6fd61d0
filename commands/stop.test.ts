import { describe, expect, test } from 'vitest'
import { RetailError } from '../src/errors.ts'
import { type Outcome, retail } from '../test/front-door.ts'
import { backfillResult, streamResult } from '../test/results.ts'
import type { StopSignal } from './io.ts'
import type { Verbs } from './verbs.ts'

const untilAborted = (signal: AbortSignal) =>
  new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }))

/** A stream that is told to stop as soon as it runs. */
function stopped(line: string, by: StopSignal, { twice = false, verbs = {} as Partial<Verbs> } = {}): Promise<Outcome> {
  let send: (signal: StopSignal) => void
  return retail(line, {
    onStart: (sender) => {
      send = sender
    },
    verbs: {
      async stream(_ports, _config, { signal }) {
        send(by)
        if (twice) send('SIGINT')
        if (!signal!.aborted) await untilAborted(signal!)
        return { ...streamResult, stoppedBy: 'signal' }
      },
      ...verbs,
    },
  })
}

describe('a stop', () => {
  test('by Ctrl-C lets the verb finish, then says how to go on', async () => {
    const { code, stdout, stderr } = await stopped('stream --rate 5', 'SIGINT')
    expect(code).toBe(130)
    expect(stdout).toContain('stopped')
    expect(stderr).toMatchInlineSnapshot(`
      "Finishing the current work, then stopping (press Ctrl-C again to stop now) …
      Stopped. Finished work is saved. Resume with:  retail stream --rate 5
      "
    `)
  })

  test.each([
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const)('by %s sets the exit code', async (signal, code) => {
    expect((await stopped('stream', signal)).code).toBe(code)
  })

  test('asked twice is at once', async () => {
    expect((await stopped('stream', 'SIGTERM', { twice: true })).code).toBe(143)
  })

  test('is no success for a machine either', async () => {
    const { stdout } = await stopped('stream --json', 'SIGINT')
    expect(JSON.parse(stdout.trim().split('\n').at(-1)!)).toMatchObject({
      type: 'result',
      ok: false,
      stoppedBy: 'signal',
    })
  })

  test('that a verb answers with an error keeps the code of the signal', async () => {
    let send: (signal: StopSignal) => void
    const { code, stderr } = await retail('verify', {
      onStart: (sender) => {
        send = sender
      },
      verbs: {
        async verify() {
          send('SIGINT')
          throw new RetailError('stopped', 'verify was stopped', { hint: 'retail verify' })
        },
      },
    })
    expect(code).toBe(130)
    expect(stderr).toContain('verify was stopped')
  })

  test('of a backfill is 130, not 5', async () => {
    let send: (signal: StopSignal) => void
    const { code } = await retail('backfill', {
      onStart: (sender) => {
        send = sender
      },
      verbs: {
        async backfill() {
          send('SIGINT')
          return { ...backfillResult, complete: false }
        },
      },
    })
    expect(code).toBe(130)
  })
})
