import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { bin } from './tool.ts'

/** Command lines that could wait for an answer, and those that must do without one. None may need more than a moment. */
const lines = [
  'init',
  'init --yes',
  'infra',
  'seed-dims --stores 2 --products 20',
  'backfill --stores 2 --products 20 --to 2024-01-02',
  'stream --stores 2 --products 20 --max-events 1 --speed max',
  'transform --dry-run',
  'verify --stores 2 --products 20',
  'status',
  'demo --dry-run',
  'completion bash',
  'help',
  '--version',
]

interface Ended {
  code: number | null
  output: string
}

/** Resolves when the process ends; a process that hangs fails the test by its time limit, and is ended with it. */
function run(file: string, args: string[], stdin: 'ignore' | 'pipe', env: Record<string, string> = {}): Promise<Ended> {
  const cwd = mkdtempSync(path.join(tmpdir(), 'retail-hang-'))
  const { CI: _ci, RETAIL_NO_INPUT: _no, ...clean } = process.env
  const child = spawn(file, args, { cwd, env: { ...clean, ...env }, stdio: [stdin, 'pipe', 'pipe'] })
  onTestFinished(() => {
    child.kill('SIGKILL')
    rmSync(cwd, { recursive: true, force: true })
  })
  let output = ''
  for (const stream of [child.stdout!, child.stderr!]) stream.on('data', (chunk) => (output += chunk))
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, output })))
}

/** A pseudo-terminal on all three streams; what is typed never comes. */
const inTerminal = (line: string, env?: Record<string, string>) =>
  run('script', ['-qec', `stty cols 100 rows 30; "${process.execPath}" "${bin}" ${line}`, '/dev/null'], 'pipe', env)

const known = [0, 1, 2, 3, 5, 6]

describe('no command waits for an answer that cannot come', () => {
  test.each(lines)('retail %s, stdin closed', { timeout: 60_000 }, async (line) => {
    const { code, output } = await run(process.execPath, [bin, ...line.split(' ')], 'ignore')
    expect(known, output).toContain(code)
  })

  test.each(lines)('retail %s --no-input, in a terminal', { timeout: 60_000 }, async (line) => {
    const { code, output } = await inTerminal(`--no-input ${line}`)
    expect(known, output).toContain(code)
  })

  test.each([{ CI: 'true' }, { RETAIL_NO_INPUT: '1' }])('retail init with %o, in a terminal', async (env) => {
    const { code, output } = await inTerminal('init', env as unknown as Record<string, string>)
    expect(code).toBe(2)
    expect(output).toContain('missing: --target, --size, --from, --to')
  })
})

describe('in a terminal', () => {
  /** Types each answer when its question is on the screen. */
  async function typed(line: string, answers: [question: string, keys: string][]): Promise<Ended> {
    const cwd = mkdtempSync(path.join(tmpdir(), 'retail-wizard-'))
    const { CI: _ci, RETAIL_NO_INPUT: _no, ...clean } = process.env
    const child = spawn(
      'script',
      ['-qec', `stty cols 100 rows 30; "${process.execPath}" "${bin}" ${line}`, '/dev/null'],
      {
        cwd,
        env: { ...clean, TERM: 'xterm' },
        stdio: 'pipe',
      },
    )
    onTestFinished(() => {
      child.kill('SIGKILL')
      rmSync(cwd, { recursive: true, force: true })
    })
    let output = ''
    let unread = ''
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk) => {
        output += chunk
        unread += chunk
        if (!answers[0] || !unread.includes(answers[0][0])) return
        unread = ''
        child.stdin.write(answers.shift()![1])
      })
    return new Promise((resolve) => child.on('close', (code) => resolve({ code, output })))
  }

  test('the wizard asks, shows and writes', { timeout: 60_000 }, async () => {
    const { code, output } = await typed('init', [
      ['Where should', '\r'],
      ['How much data', '\r'],
      ['Period: first', '\r'],
      ['Seed (the same', '\r'],
      ['Also write', '\r'],
      ['Ready?', '\r'],
    ])
    expect(code, output).toBe(0)
    expect(output).toContain('Wrote retail.yaml (new)')
  })

  test('Ctrl-C at a question cancels and leaves nothing', { timeout: 60_000 }, async () => {
    const { code, output } = await typed('init', [['Where should', '\u0003']])
    expect(code, output).toBe(130)
    expect(output).toContain('nothing was written')
  })
})
