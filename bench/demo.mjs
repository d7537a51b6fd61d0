import { rmSync } from 'node:fs'
import path from 'node:path'
import { table } from './paired.mjs'
import { retail } from './tool.mjs'

/** Runs every step once. The Python environment already exists. */
export async function demo({ folder, small }) {
  const dir = path.join(folder, 'shop')
  const { seconds, result } = await retail(folder, `demo --dir ${dir}${small ? ' --size tiny --seconds 1' : ''}`)
  rmSync(dir, { recursive: true, force: true })
  const { backfill, stream, transform, verify, peakRssBytes } = result
  const part = (name, value) => [name, value.seconds.toFixed(1)]
  return {
    title: 'Demo',
    about: '`retail demo`, one run, with an existing Python environment.',
    tables: [
      table(
        ['', 'seconds'],
        [
          part('backfill', backfill),
          part('stream (5 s requested)', stream),
          part('transform: dbt build and tests', transform),
          part('verify', verify),
          ['**total, whole process**', seconds.toFixed(1)],
        ],
      ),
      `Peak memory ${Math.round(peakRssBytes / 1e6)} MB.`,
    ],
    goals: [['demo', '≤ 60 s', `${seconds.toFixed(1)} s`, seconds <= 60]],
  }
}
