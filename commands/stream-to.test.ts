import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { freshFolder, retail } from '../test/front-door.ts'

const TINY = '--stores 3 --products 20 --lines-per-store-day 40 --seed 7'
const DAY = '--from 2024-01-01 --until 2024-01-02 --speed max'
const timeless = (text: string) =>
  text.replace(/\d+(\.\d+)? (ms|s)\b/g, 'N s').replace(/[\d,]+ events\/s/g, 'N events/s')

describe('stream --to -', () => {
  test('prints events and nothing else, and tells the rest on stderr; flags are enough', async () => {
    const cwd = freshFolder()
    const { code, stdout, stderr } = await retail(`stream --to - ${TINY} ${DAY}`, { cwd })
    expect(code).toBe(0)
    const events = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, string>)
    expect(events.length).toBeGreaterThan(100)
    const times = events.map(({ timestamp }) => timestamp)
    expect(times).toEqual([...times].sort())
    expect(timeless(stderr)).toMatchInlineSnapshot(`
      "from 2024-01-01T00:00:00Z at speed max; the next event (2024-01-01T00:00:00Z) is due now
      ✔ Stream finished in N s: reached --until · 2024-01-01T00:00:00Z … 2024-01-02T00:00:00Z · 232 events, N events/s
      "
    `)
    expect(readdirSync(cwd)).toEqual([])
  })

  test('outside of a workspace, advises flags, and they work', async () => {
    const cwd = freshFolder()
    const { code, stderr } = await retail('stream --to - --max-events 5 --speed max', { cwd })
    const [, advised] = /`retail (.*)`/.exec(stderr) ?? []
    expect([code, advised]).toEqual([3, 'stream --to - --max-events 5 --speed max --seed 42 --stores 10'])
    expect((await retail(advised, { cwd })).stdout.trim().split('\n')).toHaveLength(5)
  })

  test('leaves no place for --json', async () => {
    const { code, stdout } = await retail('stream --to - --json')
    expect(code).toBe(2)
    expect(JSON.parse(stdout.trim().split('\n').at(-1)!)).toMatchObject({
      error: { code: 'bad_flag', message: '--json and --to - both write to stdout' },
    })
  })

  test('on a terminal has no progress between the events', async () => {
    const { stderr } = await retail(`stream --to - ${TINY} ${DAY}`, { cwd: freshFolder(), terminal: true, screen: 80 })
    expect(stderr).not.toContain('the next event')
  })
})

describe('stream --to ndjson:DIR', () => {
  test('continues, and says where', async () => {
    const cwd = freshFolder()
    const first = await retail(`stream --to ndjson:events ${TINY} ${DAY}`, { cwd })
    expect({ code: first.code, stdout: timeless(first.stdout) }).toMatchInlineSnapshot(`
      {
        "code": 0,
        "stdout": "✔ Stream finished in N s: reached --until · 2024-01-01T00:00:00Z … 2024-01-02T00:00:00Z
        transactions   94
        inventories   138
        events        232
        batches         1
        N events/s · lag N s median, N s worst
        to ndjson:<here>/events
      ",
      }
    `)
    expect(readdirSync(path.join(cwd, 'events')).filter((name) => !name.startsWith('.'))).toEqual([
      '20240101T000000Z-20240102T000000Z',
      'position.json',
    ])
    const again = await retail(`stream --to ndjson:events ${TINY} ${DAY} --json`, { cwd })
    expect(JSON.parse(again.stdout.trim().split('\n').at(-1)!)).toMatchObject({
      type: 'result',
      ok: true,
      stoppedBy: 'already-past',
      destination: 'ndjson:<here>/events',
    })
  })

  test('refuses another beginning, another world, and a file in its place', async () => {
    const cwd = freshFolder()
    await retail(`stream --to ndjson:events ${TINY} ${DAY}`, { cwd })
    expect(await retail(`stream --to ndjson:events ${TINY} --from 2024-02-01`, { cwd })).toMatchInlineSnapshot(`
      {
        "code": 2,
        "stderr": "error: ndjson:<here>/events has events up to 2024-01-02T00:00:00Z already
        --from 2024-02-01T00:00:00Z would leave a gap; --from only says where a new destination begins
        → omit --from to continue, or choose another destination
      ",
        "stdout": "",
      }
    `)
    expect(await retail('stream --to ndjson:events --stores 4', { cwd })).toMatchObject({ code: 2 })
    writeFileSync(path.join(cwd, 'file'), '')
    expect(await retail(`stream --to ndjson:file ${TINY} ${DAY}`, { cwd })).toMatchInlineSnapshot(`
      {
        "code": 2,
        "stderr": "error: <here>/file is a file, not a folder
        the files need a folder
        → choose another one
      ",
        "stdout": "",
      }
    `)
  })

  test('needs a workspace or flags that define the world', async () => {
    const cwd = freshFolder()
    mkdirSync(path.join(cwd, 'inner'))
    expect(await retail('stream --to ndjson:events', { cwd })).toMatchObject({ code: 3 })
  })
})
