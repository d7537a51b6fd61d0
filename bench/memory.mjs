import { megabytes, table } from './paired.mjs'
import { forget, retail, writeConfig } from './tool.mjs'

/**
 * Peak memory of backfill: at the default size, and of half as many stores over one year and over three. What counts is the busiest
 * month, so periods that are compared both have a December.
 */
export async function memory({ folder, small }) {
  const runs = [
    { stores: small ? 60 : 1000, to: '2024-03-31' },
    { stores: small ? 30 : 500, to: '2024-12-31' },
    { stores: small ? 30 : 500, to: '2026-12-31' },
  ]
  const rows = []
  const peaks = []
  for (const { stores, to } of runs) {
    writeConfig(folder, { stores, to })
    forget(folder)
    const { result } = await retail(folder, 'backfill')
    peaks.push(result.peakRssBytes)
    const n = result.rows.transactions + result.rows.inventories
    rows.push([
      stores.toLocaleString('en-US'),
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
    about: 'Peak resident memory of `retail backfill`, including its worker threads; one run each.',
    tables: [table(['stores', 'period', 'rows', 'lake MB', 'peak MB', 'bytes per row'], rows)],
    goals: [
      ['backfill, peak memory at the default size', '< 700 MB', `${megabytes(peaks[0])} MB`, peaks[0] < 700e6],
      [
        'three years / one year',
        'does not grow (≤ 1.2 ×)',
        `${(peaks[2] / peaks[1]).toFixed(2)} ×`,
        peaks[2] / peaks[1] <= 1.2,
      ],
    ],
  }
}
