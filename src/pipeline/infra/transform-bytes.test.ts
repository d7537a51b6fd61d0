import { expect, test } from 'vitest'
import { configSchema } from '../../config/schema.ts'
import { type SizeName, sizes } from '../../config/sizes.ts'
import { bytesOfReads, transformBytes } from './transform-bytes.ts'

const worldOf = (size: SizeName) => {
  const { 'world.stores': stores, 'world.products': products, 'world.lines_per_store_day': lines } = sizes[size].values
  return configSchema.parse({ target: 'local', world: { stores, products, lines_per_store_day: lines } })
}

test.each([
  ['tiny', 0.54],
  ['default', 0.62],
  ['large', 1.85],
] as const)('an hourly transform of the %s size reads at most %s GB', (size, most) => {
  expect(transformBytes(worldOf(size), 91) / 1e9).toBeLessThan(most)
})

test('an hourly transform of the large size, table by table', async () => {
  const lines = bytesOfReads(worldOf('large'), 91).map(
    ({ job, table, bytes }) => `${job.padEnd(24)}${table.padEnd(28)}${(bytes / 1e6).toFixed(1).padStart(7)} MB`,
  )
  await expect(`${lines.join('\n')}\n`).toMatchFileSnapshot('__snapshots__/transform-bytes.txt')
})

test('an hourly transform of the large size reads at most 2 % of raw and staging once they hold ten months', () => {
  const reads = bytesOfReads(worldOf('large'), 304)
  // Each of the two staging models reads all columns of a day of raw, and of a day of its own.
  const day = reads.filter(({ job }) => job.startsWith('stg_')).reduce((sum, { bytes }) => sum + bytes, 0)
  const all = reads.reduce((sum, { bytes }) => sum + bytes, 0)
  expect(all / (day * 304)).toBeLessThan(0.02)
  // It does not grow with history, so less history is a larger share.
  expect(all / (day * 91)).toBeLessThan(0.065)
})
