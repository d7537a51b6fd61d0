import { readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'

interface Locked {
  version?: string
  resolved?: string
  optionalDependencies?: Record<string, string>
}

const lock = JSON.parse(readFileSync(path.join(import.meta.dirname, '../package-lock.json'), 'utf8')) as {
  packages: Record<string, Locked>
}

test('the lockfile has the packages of every platform, so that npm ci accepts it (`make lock` fixes it)', () => {
  const wanted = Object.values(lock.packages).flatMap(({ optionalDependencies = {} }) =>
    Object.entries(optionalDependencies),
  )
  const missing = wanted.filter(
    ([name, version]) => /^\d/.test(version) && lock.packages[`node_modules/${name}`]?.version !== version,
  )
  expect(missing).toEqual([])
})

test('the lock names no host', () => {
  expect(Object.values(lock.packages).filter(({ resolved }) => resolved)).toEqual([])
})
