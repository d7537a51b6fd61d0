import { describe, expect, test } from 'vitest'
import { shopWorld } from '../../test/worlds.ts'
import { facts, tables } from '../tables/index.ts'
import { integersOf } from './integers.ts'
import { sumRowsOf } from './sum-rows.ts'

const schemas = ['strict', 'extended'] as const

describe.each(schemas)('in a %s world', (schema) => {
  const world = shopWorld({ schema })

  test.each(facts)('the code that sums rows of $name is what its columns say', ({ name }) => {
    expect(`${sumRowsOf(world, name)}`).toMatchSnapshot()
  })
})

test('a column that would make sums inexact is refused', () => {
  const { timestamp } = tables.transactions.columns
  const columns = tables.transactions.columns as unknown as Record<string, typeof timestamp>
  columns.paid_at = timestamp
  columns.packed_at = timestamp
  try {
    expect(() => integersOf('transactions', 'extended', shopWorld().ids)).toThrow(/weighs too much to be exact/)
  } finally {
    delete (columns as Partial<typeof columns>).paid_at
    delete (columns as Partial<typeof columns>).packed_at
  }
})
