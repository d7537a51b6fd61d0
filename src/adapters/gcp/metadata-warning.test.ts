import { afterEach, beforeEach, expect, test, vi } from 'vitest'

const before = process.listeners('warning')
beforeEach(() => void process.removeAllListeners('warning'))
afterEach(() => {
  process.removeAllListeners('warning')
  for (const listener of before) process.on('warning', listener)
})

test("a search for Google's metadata server prints no warning, and everything else still does", async () => {
  const printed: string[] = []
  process.on('warning', ({ name }) => printed.push(name))
  vi.resetModules()
  const { hushMetadata } = await import('./metadata-warning.ts')
  hushMetadata()
  hushMetadata()
  process.emitWarning('received unexpected error = All promises were rejected code = UNKNOWN', 'MetadataLookupWarning')
  process.emitWarning('old', 'DeprecationWarning')
  await vi.waitUntil(() => printed.length > 0)
  expect(printed).toEqual(['DeprecationWarning'])
})
