import { describe, expect, test } from 'vitest'
import { shopWorld } from '../../test/worlds.ts'
import { facts } from '../tables/index.ts'
import { rowLayout } from './row-layout.ts'
import { rowWriterFor } from './row-writer.ts'

describe.each(['strict', 'extended'] as const)('in a %s world', (schema) => {
  const world = shopWorld({ schema })

  describe.each(['csv', 'ndjson', 'event'] as const)('the code that writes %s', (form) => {
    test.each(facts)('of $name is what its columns say', ({ name }) => {
      expect(`${rowWriterFor(world.ids, rowLayout(world, name, form)).write}`).toMatchSnapshot()
    })
  })
})
