import { expect, test } from 'vitest'
import type { RealismResult } from '../src/pipeline/results.ts'
import { json, retail, workspace } from './tool.ts'

const score = (folder: string) => json<RealismResult>(folder, 'verify --realism')
const missed = ({ items }: RealismResult) => items.filter(({ verdict }) => verdict === 'warn' || verdict === 'fail')

test('two years of a chain pass twenty of twenty', async () => {
  const folder = workspace({ stores: 120, products: 2000, lines: 100, from: '2023-01-01', to: '2024-12-31' })
  await retail(folder, 'seed-dims')
  await retail(folder, 'backfill')
  const card = await score(folder)
  expect(missed(card)).toEqual([])
  expect(card).toMatchObject({ code: 0, passed: 20, judged: 20 })
})

test('three months pass all that three months can show, and say what they cannot', async () => {
  const folder = workspace({ stores: 200, products: 2000, lines: 100, to: '2024-03-31' })
  await retail(folder, 'seed-dims')
  await retail(folder, 'backfill')
  const card = await score(folder)
  expect(missed(card)).toEqual([])
  expect(card.items.filter(({ verdict }) => verdict === 'not judged').map(({ item }) => item)).toEqual([6, 7, 12, 19])
})
