import { PassThrough, Writable } from 'node:stream'
import { describe, expect, test } from 'vitest'
import { retail } from '../../test/front-door.ts'
import { renderTick } from '../render/stream.ts'
import { barText, drawBar, fitParts, RateMeter } from './bar.ts'
import { painter } from './paint.ts'
import { canAsk } from './prompts.ts'
import { quietUi } from './quiet.ts'
import { terminalUi } from './terminal.ts'

class Screen extends Writable {
  written: string[] = []
  readonly isTTY = true
  readonly columns = 60
  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.written.push(chunk.toString())
    done()
  }
}

const clock = { ms: 0, now: () => clock.ms }

describe('a bar', () => {
  test('tells what is done, how fast, and how long it will take', () => {
    const time = { ms: 0, now: () => time.ms }
    const pace = new RateMeter(time)
    pace.reach(1_000_000)
    time.ms = 2_000
    pace.reach(3_000_000)
    const state = { done: 3_000_000, total: 20_000_000, detail: '2024-01', unit: 'rows', pace }
    expect(barText(state)).toBe('2024-01  3,000,000 / 20,000,000 rows  15 %  1,000,000 rows/s  ETA 17 s')
    expect(drawBar(state, 100)).toMatch(/^███░{22} {2}2024-01/)
  })

  test.each([
    [99, '███░░░░░░░░░░░░░░░░░░░░░░  2024-01  3,000,000 / 20,000,000 rows  15 %  1,000,000 rows/s  ETA 17 s'],
    [90, '█░░░░░░░░░  2024-01  3,000,000 / 20,000,000 rows  15 %  1,000,000 rows/s  ETA 17 s'],
    [70, '█░░░░░░░░░  2024-01  3,000,000 / 20,000,000 rows  15 %  ETA 17 s'],
    [60, '█░░░░░░░░░  3,000,000 / 20,000,000 rows  15 %  ETA 17 s'],
    [40, '█░░░░░░░░░  15 %  ETA 17 s'],
    [20, '15 %  ETA 17 s'],
  ])('fits %i columns', (width, text) => {
    const time = { ms: 0, now: () => time.ms }
    const pace = new RateMeter(time)
    pace.reach(1_000_000)
    time.ms = 2_000
    pace.reach(3_000_000)
    expect(drawBar({ done: 3_000_000, total: 20_000_000, detail: '2024-01', unit: 'rows', pace }, width)).toBe(text)
  })

  test('never says more than all', () => {
    const pace = new RateMeter(clock)
    expect(barText({ done: 5, total: 0, detail: undefined, unit: 'rows', pace })).toContain('100 %')
    expect(drawBar({ done: 30, total: 20, detail: undefined, unit: 'rows', pace }, 60)).toContain('█'.repeat(25))
  })

  test('is drawn at most ten times a second on a terminal', async () => {
    const time = { ms: 0, now: () => time.ms }
    const screen = new Screen()
    const bar = (await terminalUi(screen, (_, text) => text, time)).bar('rows')
    for (time.ms = 0; time.ms < 1000; time.ms++) bar.update(time.ms, 1_000_000)
    expect(screen.written).toHaveLength(10)
    for (const text of screen.written) expect(text.replace('\r\u001B[K', '').length).toBeLessThan(60)
  })

  test('is a plain line every ten seconds without one', () => {
    const time = { ms: 0, now: () => time.ms }
    const screen = new Screen()
    const bar = quietUi(screen, { silent: false, progress: true, verbose: false }, time).bar('rows')
    for (time.ms = 0; time.ms < 60_000; time.ms += 100) bar.update(time.ms, 60_000)
    expect(screen.written).toHaveLength(6)
    expect(screen.written.join('')).not.toContain('\u001B')
  })
})

test('the progress line of a stream drops its last parts first', () => {
  const tick = { position: '2024-04-01T00:12:31Z', events: 1204, asked: 20, reached: 20, lagMs: 12 }
  expect([84, 72, 59, 39, 12].map((width) => fitParts(renderTick(tick), width))).toEqual([
    '2024-04-01T00:12:31Z  1,204 events  20/s (target 20)  lag 12 ms  Ctrl-C stops safely',
    '2024-04-01T00:12:31Z  1,204 events  20/s (target 20)  lag 12 ms',
    '2024-04-01T00:12:31Z  1,204 events  20/s (target 20)',
    '2024-04-01T00:12:31Z  1,204 events',
    '2024-04-01T0',
  ])
})

describe('colours', () => {
  const sink = (isTTY: boolean) => Object.assign(new PassThrough(), { isTTY })
  test.each([
    ['a terminal', {}, true, true, true],
    ['a pipe', {}, false, true, false],
    ['NO_COLOR', { NO_COLOR: '1' }, true, true, false],
    ['an empty NO_COLOR', { NO_COLOR: '' }, true, true, true],
    ['FORCE_COLOR in a pipe', { FORCE_COLOR: '1' }, false, true, true],
    ['FORCE_COLOR=0', { FORCE_COLOR: '0' }, true, true, false],
    ['a dumb terminal', { TERM: 'dumb' }, true, true, false],
    ['--no-color', { FORCE_COLOR: '1' }, true, false, false],
  ])('with %s', (_name, env, isTTY, allowed, coloured) => {
    expect(painter({ env }, sink(isTTY), allowed)('red', 'x') !== 'x').toBe(coloured)
  })

  test('of an error follow stderr, not stdout', async () => {
    expect((await retail('nonsense', { terminal: true })).stderr).toContain('\u001B[31merror:')
    expect((await retail('nonsense --no-color', { terminal: true })).stderr).not.toContain('\u001B')
    expect((await retail('nonsense')).stderr).not.toContain('\u001B')
  })
})

test.each([
  ['both are terminals', true, true, {}, {}, true],
  ['stdin is a pipe', false, true, {}, {}, false],
  ['stderr is a file', true, false, {}, {}, false],
  ['CI', true, true, { CI: '1' }, {}, false],
  ['CI=false', true, true, { CI: 'false' }, {}, true],
  ['RETAIL_NO_INPUT', true, true, { RETAIL_NO_INPUT: '1' }, {}, false],
  ['--no-input', true, true, {}, { input: false }, false],
])('a question may be asked when %s: %#', (_name, stdin, stderr, env, flags, may) => {
  const stream = (isTTY: boolean) => Object.assign(new PassThrough(), { isTTY })
  expect(canAsk({ stdin: stream(stdin), stderr: stream(stderr), env }, flags)).toBe(may)
})
