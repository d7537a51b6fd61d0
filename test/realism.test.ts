import { expect, test } from 'vitest'
import type { RealismResult } from '../src/pipeline/results.ts'
import { json, retail, workspace } from './tool.ts'

const score = (folder: string) => json<RealismResult>(folder, 'verify --realism')
const ids = ({ items }: RealismResult, ...verdicts: string[]) =>
  items
    .filter(({ verdict }) => verdicts.includes(verdict))
    .map(({ id }) => id)
    .sort((a, b) => a - b)

/** What the model does not do yet; docs/realism.md has the values. */
const MISSED: number[] = []

test('two years of a chain miss nothing but what the model is known to miss', async () => {
  const folder = workspace({ stores: 120, products: 2000, lines: 100, from: '2023-01-01', to: '2024-12-31' })
  await retail(folder, 'seed-dims')
  await retail(folder, 'backfill')
  const card = await score(folder)
  expect(card.code).toBe(0)
  expect(MISSED).toEqual(expect.arrayContaining(ids(card, 'warn', 'fail')))
  // 7: two years of one chain grow by chance as much as by trend.
  expect([7, 18, 37, 49, 50]).toEqual(expect.arrayContaining(ids(card, 'not judged')))
})

test('three months say what they cannot show', async () => {
  const folder = workspace({ stores: 200, products: 2000, lines: 100, to: '2024-03-31' })
  await retail(folder, 'seed-dims')
  await retail(folder, 'backfill')
  const card = await score(folder)
  expect(card.code).toBe(0)
  expect(MISSED).toEqual(expect.arrayContaining(ids(card, 'warn', 'fail')))
  expect(ids(card, 'not judged')).toEqual(
    expect.arrayContaining([4, 5, 6, 7, 11, 16, 18, 29, 35, 40, 41, 45, 46, 48, 49, 50, 101, 102, 106]),
  )
})
