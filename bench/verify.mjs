import { readFileSync } from 'node:fs'
import path from 'node:path'
import { median, megabytes, millions, spread, table } from './paired.mjs'
import { bin, forget, retail, timed, writeConfig } from './tool.mjs'

/** `verify` of a dense world and of a world a tenth of its size: time, and memory, which must not grow with rows. */
export async function verify({ folder, small }) {
  const rounds = small ? 1 : 3
  const worlds = []
  for (const lines of [100, 1000]) {
    writeConfig(folder, { stores: small ? 60 : 1000, to: '2024-03-31', lines_per_store_day: lines })
    forget(folder)
    await retail(folder, 'seed-dims')
    await retail(folder, 'backfill')
    const world = { rows: 0, seconds: [], peaks: [] }
    for (let round = 0; round < rounds; round++) {
      const { seconds, result, peakBytes } = await watched(folder)
      world.rows = result.rows.transactions + result.rows.inventories
      world.seconds.push(seconds)
      world.peaks.push(peakBytes)
    }
    worlds.push(world)
  }
  forget(folder)
  const [tenth, dense] = worlds
  const growth = median(dense.peaks) / median(tenth.peaks)
  const per200 = dense.seconds.map((seconds) => (seconds * 200e6) / dense.rows)
  return {
    title: 'Verify many rows',
    about: `\`retail verify\`, every column of every row, of 1,000 stores over three months at 100 and at 1,000 lines per store and day${small ? ' (here: 60 stores)' : ''}. Whole processes, ${rounds} rounds, no marts.`,
    tables: [
      table(
        ['rows', 'seconds', 'million rows/s', 'peak MB'],
        worlds.map(({ rows, seconds, peaks }) => [
          rows.toLocaleString('en-US'),
          spread(seconds, (value) => value.toFixed(1)),
          millions(rows / median(seconds)),
          megabytes(median(peaks)),
        ]),
      ),
    ],
    goals: [
      [
        'verify, seconds for 200 million rows',
        '≤ 60',
        spread(per200, (value) => value.toFixed(0)),
        median(per200) <= 60,
      ],
      ['verify, peak memory at ten times the rows', '≤ 1.5 ×', `${growth.toFixed(2)} ×`, growth <= 1.5],
    ],
  }
}

/** One run, and its peak memory, which the child process reports when it ends. */
async function watched(folder) {
  const file = path.join(import.meta.dirname, 'peak.mjs')
  const { seconds, result } = await timed(process.execPath, ['--import', file, bin, 'verify', '--json'], folder)
  return { seconds, result, peakBytes: Number(readFileSync(path.join(folder, 'peak'), 'utf8')) }
}
