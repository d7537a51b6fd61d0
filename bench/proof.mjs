import { median, millions, spread, table } from './paired.mjs'
import { forget, retail, writeConfig } from './tool.mjs'

/** How fast verify recomputes and compares raw. */
export async function proof({ folder, small }) {
  const rounds = small ? 2 : 5
  writeConfig(folder, small ? { stores: 60, to: '2024-02-29' } : { stores: 1000, to: '2024-03-31' })
  forget(folder)
  await retail(folder, 'seed-dims')
  await retail(folder, 'backfill')
  const rates = { verify: [], 'verify --quick': [] }
  let rows = 0
  for (let round = 0; round < rounds; round++)
    for (const line of Object.keys(rates)) {
      const { seconds, result } = await retail(folder, line)
      rows = result.rows.transactions + result.rows.inventories
      rates[line].push(rows / seconds)
    }
  forget(folder)
  return {
    title: 'Verify',
    about: `${rows.toLocaleString('en-US')} rows recomputed from the seed and compared with raw: every column of every row, or (quick) counts and keys. Whole processes, ${rounds} rounds, no marts.`,
    tables: [
      table(
        ['', 'million rows/s', 'seconds'],
        Object.entries(rates).map(([name, values]) => [
          `\`${name}\``,
          spread(values, millions),
          (rows / median(values)).toFixed(1),
        ]),
      ),
    ],
    goals: [],
  }
}
