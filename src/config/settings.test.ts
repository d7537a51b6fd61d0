import { describe, expect, test } from 'vitest'
import { closest } from './closest.ts'
import { configJsonSchema } from './json-schema.ts'
import { configReference } from './reference.ts'
import { settingPaths, variableOf } from './settings.ts'

interface Property {
  properties?: Record<string, Property>
  description?: string
}

function leavesOf({ properties }: Property, path: string[] = []): string[] {
  return Object.entries(properties ?? {}).flatMap(([key, property]) =>
    property.properties ? leavesOf(property, [...path, key]) : [[...path, key].join('.')],
  )
}

describe('the settings', () => {
  test('are the keys of the schema, in its order', () => {
    // Names of sinks are free, and no flag or variable sets them.
    expect(['version', ...settingPaths, 'sinks']).toEqual(leavesOf(configJsonSchema() as Property))
  })

  test('have a variable each', () => {
    expect(new Set(settingPaths.map(variableOf)).size).toBe(settingPaths.length)
  })

  test('are all in docs/config.md', async () => {
    await expect(configReference()).toMatchFileSnapshot('../../docs/config.md')
  })

  test('are known to editors', () => {
    expect(configJsonSchema()).toMatchSnapshot()
  })
})

test.each([
  ['backfil', 'backfill'],
  ['stroes', 'stores'],
  ['LOCAL', 'local'],
  ['gpc', 'gcp'],
  ['x', undefined],
  ['', undefined],
  ['entirely else', undefined],
])('%j most likely means %j', (word, meant) => {
  expect(closest(word, ['backfill', 'stores', 'local', 'gcp', 'status'])).toBe(meant)
})
