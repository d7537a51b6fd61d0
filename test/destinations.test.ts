import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { configSchema } from '../src/config/schema.ts'
import { facts } from '../src/tables/index.ts'
import { parseSecond } from '../src/time.ts'
import { buildWorld } from '../src/world/world.ts'
import { expectedEvents, receivedOf } from './events.ts'
import { killer } from './kills.ts'
import { bin, freshFolder, json, start } from './tool.ts'

const WORLD = { stores: 40, products: 200, lines: 60 }
const FLAGS = `--stores ${WORLD.stores} --products ${WORLD.products} --lines-per-store-day ${WORLD.lines}`
const FROM = '2024-01-01'
const world = buildWorld(
  configSchema.parse({ world: { stores: WORLD.stores, products: WORLD.products, lines_per_store_day: WORLD.lines } }),
)

const UNTIL = '2024-01-03'
const lineOf = (each: object) => JSON.stringify(each)
const EXPECTED = expectedEvents(world, parseSecond(FROM)!, parseSecond(UNTIL)!).map(lineOf).sort()

/** Two days of a small shop into a destination, killed at random moments, and then to its end. */
async function killedOften(folder: string, to: string, phase: number, kills: number): Promise<void> {
  const { below, killed } = killer(phase)
  const line = `stream --to ${to} ${FLAGS} --from ${FROM} --until ${UNTIL}`
  for (let done = 0; done < kills; done++)
    await killed(folder, `${line} --speed ${[15_000, 40_000][below(2)]}`, [300, 1_200])
  expect(await json(folder, `${line} --speed max`)).toMatchObject({ code: 0, to: `${UNTIL}T00:00:00Z` })
}

const linesOf = (file: string): string[] => readFileSync(file, 'utf8').split('\n').filter(Boolean)

test('a reader that leaves ends stream --to - without a word', () => {
  const line = `stream --to - ${FLAGS} --from ${FROM} --speed max -q`
  const out = execFileSync(
    'bash',
    ['-c', `"$0" "$1" ${line} 2>err | head -3; echo "\${PIPESTATUS[0]}"; cat err`, process.execPath, bin],
    { encoding: 'utf8', cwd: freshFolder() },
  )
  const lines = out.trim().split('\n')
  expect(lines).toHaveLength(4)
  expect(lines[3]).toBe('0')
})

test('files are exact after kills', async () => {
  const folder = freshFolder()
  const to = 'ndjson:events?size=1MB&age=300ms'
  await killedOften(folder, to, 17, 5)
  const events = path.join(folder, 'events')
  const received = readdirSync(events)
    .filter((name) => name.startsWith('2'))
    .flatMap((name) =>
      facts.flatMap((fact) =>
        linesOf(path.join(events, name, `${fact.name}.ndjson`)).map((line) => receivedOf(line, fact.name)),
      ),
    )
  expect(received.map(lineOf).sort()).toEqual(EXPECTED)
})

test('streams to two places run side by side, and leave nothing else behind', async () => {
  const folder = freshFolder()
  const runs = ['a', 'b'].map(
    (name) => start(folder, `stream --to ndjson:${name} ${FLAGS} --from ${FROM} --rate 500 --duration 2s`).ended,
  )
  expect((await Promise.all(runs)).map(({ code }) => code)).toEqual([0, 0])
  expect(readdirSync(folder).sort()).toEqual(['a', 'b'])
})
