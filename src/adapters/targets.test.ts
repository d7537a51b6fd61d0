import { execFileSync } from 'node:child_process'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { freshFolder } from '../../test/front-door.ts'
import { memoryLake } from '../../test/memory-target/memory-lake.ts'
import { memoryTarget } from '../../test/memory-target/memory-target.ts'
import { shopConfig } from '../../test/worlds.ts'
import { configSchema } from '../config/schema.ts'
import { targetNames } from '../config/targets.ts'
import { lakeContract } from '../ports/lake.contract.ts'
import { localTarget } from './local/target.ts'
import { targetContract } from './target.contract.ts'
import { targets } from './targets.ts'

const place = async () => {
  const shop = shopConfig({ stores: 3, products: 20, lines: 15, from: '2024-01-29' })
  return {
    ...configSchema.parse({ ...shop, history: { from: '2024-01-29', to: '2024-02-02' } }),
    workspace: freshFolder(),
  }
}

for (const target of [localTarget, memoryTarget]) targetContract({ target, place, idleMs: 200 })

lakeContract('a Map', {
  open: async () => memoryLake('memory:', memoryTarget.lake),
  litter: async () => {},
  putStray: async (lake, key) => void (await lake.put(key, (sink) => sink.write([Buffer.from('x')]))),
})

describe('the targets', () => {
  test('are those of the config, each under its own name', () => {
    expect(Object.values(targets).map(({ name }) => name)).toEqual(targetNames)
  })

  test('are known without a library of any of them', () => {
    const script = `
      import { createRequire } from 'node:module'
      await import(${JSON.stringify(path.resolve('dist/src/adapters/targets.js'))})
      const loaded = Object.keys(createRequire(import.meta.url).cache).filter((file) => file.includes('node_modules'))
      process.stdout.write(loaded.join())`
    expect(execFileSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' })).toBe('')
  })
})
