import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Invocation, printInvocation } from './invocation.ts'
import { run } from './run.ts'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'retail-run-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const node = (script: string, extra: Partial<Invocation> = {}): Invocation => ({
  file: process.execPath,
  args: ['-e', script],
  ...extra,
})

describe('a program', () => {
  test('passes on its lines immediately, from both outputs, and the log keeps them', async () => {
    const lines: string[] = []
    const log = path.join(folder, 'two.log')
    const finished = await run(node('console.log("one\\ntwo"); setTimeout(() => console.error("three"), 50)'), {
      onLine: (line) => lines.push(line),
      log,
    })
    expect(finished).toEqual({ exitCode: 0, tail: ['one', 'two', 'three'] })
    expect(lines).toEqual(['one', 'two', 'three'])
    expect(readFileSync(log, 'utf8')).toBe('one\ntwo\nthree\n')
  })

  test('ends with its own exit code, and the last twenty lines are at hand', async () => {
    const { exitCode, tail } = await run(node('for (let i = 1; i <= 30; i++) console.log(i); process.exitCode = 7'))
    expect(exitCode).toBe(7)
    expect(tail).toEqual(Array.from({ length: 20 }, (_, i) => String(i + 11)))
  })

  test('gets our environment, more, and less', async () => {
    const env = { RETAIL_MORE: 'yes', HOME: undefined }
    const { tail } = await run(
      node('console.log(process.env.RETAIL_MORE, process.env.HOME, !!process.env.PATH)', { env }),
    )
    expect(tail).toEqual(['yes undefined true'])
  })

  test('that is not there is a tool that is missing', async () => {
    await expect(run({ file: 'no-such-tool', args: [] }, { missingHint: 'install it' })).rejects.toMatchObject({
      code: 'tool_missing',
      message: 'no-such-tool is not installed',
      hint: 'install it',
    })
  })

  test('gets its words unchanged: no shell interprets them', async () => {
    const { tail } = await run({ file: process.execPath, args: ['-p', 'process.argv[1]', '$HOME; `id` *'] })
    expect(tail).toEqual(['$HOME; `id` *'])
  })
})

describe('stopping', () => {
  test('passes a SIGTERM that only we got on, and says stopped', async () => {
    const stop = new AbortController()
    const lines: string[] = []
    const script =
      'process.on("SIGTERM", () => { console.log("told"); process.exit(0) }); console.log("up"); setInterval(() => {}, 1000)'
    const running = run(node(script), {
      signal: stop.signal,
      onLine: (line) => {
        lines.push(line)
        if (line === 'up') stop.abort('SIGTERM')
      },
    })
    await expect(running).rejects.toMatchObject({ code: 'stopped', exitCode: 130 })
    expect(lines).toEqual(['up', 'told'])
  })

  test('a patient one asks once, and waits as long as it takes', async () => {
    const stop = new AbortController()
    const lines: string[] = []
    const script = `let asked = 0
      process.on("SIGTERM", () => { console.log("told", ++asked); setTimeout(() => process.exit(0), 6000) })
      console.log("up"); setInterval(() => {}, 1000)`
    const running = run(node(script), {
      signal: stop.signal,
      patient: true,
      onLine: (line) => {
        lines.push(line)
        if (line === 'up') stop.abort('SIGTERM')
      },
    })
    await expect(running).rejects.toMatchObject({ code: 'stopped' })
    expect(lines).toEqual(['up', 'told 1'])
  })

  test('before the start starts nothing', async () => {
    await expect(run({ file: 'no-such-tool', args: [] }, { signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: 'stopped',
    })
  })
})

test('an invocation prints as a command line', () => {
  expect(printInvocation({ file: 'dbt', args: ['build', '--select', 'a b', "it's"] })).toBe(
    `dbt build --select 'a b' 'it'\\''s'`,
  )
})
