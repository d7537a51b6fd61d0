import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { receivedOf } from './events.ts'
import { killer } from './kills.ts'
import { EXPECTED, FLAGS, FROM, lineOf, UNTIL } from './streamed.ts'
import { freshFolder, json, retail, workspace } from './tool.ts'

const SHARDS = ['1/3', '2/3', '3/3']

/** All rows of a folder of batches, with their table, as `EXPECTED` has them. */
function rowsIn(folder: string): string[] {
  const batches = readdirSync(folder).filter((name) => /Z-.*Z$/.test(name))
  return batches.flatMap((batch) =>
    (['transactions', 'inventories'] as const).flatMap((table) =>
      readFileSync(path.join(folder, batch, `${table}.ndjson`), 'utf8')
        .split('\n')
        .filter(Boolean)
        .map((line) => lineOf(receivedOf(line, table))),
    ),
  )
}

test('shards, one of them killed often, deliver together what one stream delivers, each event once', async () => {
  const folder = freshFolder()
  const { killed } = killer(91)
  const line = (shard: string) =>
    `stream --to ndjson:events-${shard[0]} --shard ${shard} ${FLAGS} --from ${FROM} --until ${UNTIL}`
  for (let kills = 0; kills < 3; kills++) await killed(folder, `${line('2/3')} --speed 40000`, [300, 1_200])
  const ended = await Promise.all(SHARDS.map((shard) => json(folder, `${line(shard)} --speed max`)))
  for (const result of ended) expect(result).toMatchObject({ code: 0, to: `${UNTIL}T00:00:00Z` })
  const rows = SHARDS.map((shard) => rowsIn(path.join(folder, `events-${shard[0]}`)))
  for (const own of rows) expect(own.length).toBeGreaterThan(EXPECTED.length / 10)
  expect(rows.flat().sort()).toEqual(EXPECTED)

  const other = await retail(folder, `${line('1/3').replace('--shard 1/3', '--shard 3/3')} --speed max`)
  expect([other.code, other.stderr]).toEqual([2, expect.stringContaining('they are of shard 1/3')])
  const all = await retail(folder, `${line('1/3').replace('--shard 1/3', '')} --speed max`)
  expect([all.code, all.stderr]).toEqual([2, expect.stringContaining('they are of shard 1/3')])
})

test.each([
  ['stream --shard 1/2', 'target local takes no shard of a stream'],
  ['stream --shard 1/2 --dry-run', 'target local takes no shard of a stream'],
  [`stream --to - --shard 1/2 --faults rough ${FLAGS}`, '--shard and --faults cannot be combined'],
  [`stream --to - --shard 40/50 --speed max --max-events 1 ${FLAGS}`, 'shard 40/50 has no stores'],
])('%s is refused in one sentence', async (line, why) => {
  const { code, stderr } = await retail(workspace(), line)
  expect([code, stderr]).toEqual([2, expect.stringContaining(why)])
})
