import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { workspace } from './tool.ts'

const bin = path.resolve(import.meta.dirname, '../bin/retail.js')

/** Prints each module that Node loads, in a process of its own loader. */
const LOADER = `import fs from 'node:fs'
export async function load(url, context, next) {
  fs.appendFileSync(process.env.LOADED_MODULES, url + '\\n')
  return next(url, context)
}`
const REGISTER = `import { register } from 'node:module'
register('data:text/javascript,' + encodeURIComponent(${JSON.stringify(LOADER)}))`

/** Native code, and names of people and products, which only a build of the dimensions loads. */
const NOT_BUNDLED = /^@duckdb\/node-bindings|^@faker-js\/faker$/

test.each(['seed-dims', 'status'])('%s loads bundled packages, not their many files', (command) => {
  const folder = workspace({ stores: 2, products: 10, lines: 5, to: '2024-01-02' })
  const list = path.join(folder, 'modules.txt')
  const hook = `data:text/javascript,${encodeURIComponent(REGISTER)}`
  const { status, stderr } = spawnSync(process.execPath, ['--import', hook, bin, command], {
    cwd: folder,
    env: { ...process.env, LOADED_MODULES: list },
    encoding: 'utf8',
  })
  expect(status, stderr).toBe(0)
  const loaded = readFileSync(list, 'utf8').trim().split('\n')
  expect(loaded.filter((url) => url.includes('/dist/packages/')).length).toBeGreaterThan(2)
  const packages = loaded.flatMap((url) => /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(url)?.[1] ?? [])
  expect([...new Set(packages)].filter((name) => !NOT_BUNDLED.test(name))).toEqual([])
})
