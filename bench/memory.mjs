import { megabytes, table } from './paired.mjs'
import { forget, retail, writeConfig } from './tool.mjs'

/** Peak memory of backfill over the default period, and over four times that. */
export async function memory({ folder, small }) {
  const stores = small ? 60 : 1000
  const rows = []
  const peaks = []
  for (const to of ['2024-03-31', '2024-12-31']) {
    writeConfig(folder, { stores, to })
    forget(folder)
    const { result } = await retail(folder, 'backfill')
    peaks.push(result.peakRssBytes)
    const n = result.rows.transactions + result.rows.inventories
    rows.push([
      `2024-01-01 to ${to}`,
      n.toLocaleString('en-US'),
      megabytes(result.sizeBytes),
      megabytes(result.peakRssBytes),
      (result.sizeBytes / n).toFixed(1),
    ])
  }
  forget(folder)
  return {
    title: 'Memory',
    about: 'Peak resident memory of `retail backfill`, worker threads included, one run each.',
    tables: [table(['period', 'rows', 'lake MB', 'peak MB', 'bytes a row'], rows)],
    goals: [
      ['backfill, peak memory at the default size', '< 700 MB', `${megabytes(peaks[0])} MB`, peaks[0] < 700e6],
      [
        'the same over four times the period',
        'does not grow (≤ 1.2 ×)',
        `${(peaks[1] / peaks[0]).toFixed(2)} ×`,
        peaks[1] / peaks[0] <= 1.2,
      ],
    ],
  }
}
