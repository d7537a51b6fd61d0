import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { workspace } from './tool.ts'

const root = path.resolve(import.meta.dirname, '..')

/** Prints each module that Node loads: ES modules in the process of its loader, and what is required in each thread. */
const ES = `import fs from 'node:fs'
export async function load(url, context, next) {
  fs.appendFileSync(process.env.LOADED_MODULES, url + '\\n')
  return next(url, context)
}`
const HOOKS = `import fs from 'node:fs'
import Module, { register } from 'node:module'
register('data:text/javascript,' + encodeURIComponent(${JSON.stringify(ES)}))
const resolve = Module._resolveFilename
Module._resolveFilename = function (...about) {
  const file = resolve.apply(this, about)
  fs.appendFileSync(process.env.LOADED_MODULES, file + '\\n')
  return file
}`

/** Native code and what finds it, and names of people and products, which only a build of the dimensions loads. */
const NOT_BUNDLED = /^@duckdb\/node-bindings|^detect-libc$|^@faker-js\/faker$/

test.each(['seed-dims', 'status'])('%s loads one file, not the many files of the tool and its packages', (command) => {
  const folder = workspace({ stores: 2, products: 10, lines: 5, to: '2024-01-02' })
  const list = path.join(folder, 'modules.txt')
  const hook = `data:text/javascript,${encodeURIComponent(HOOKS)}`
  const { status, stderr } = spawnSync(
    process.execPath,
    ['--import', hook, path.join(root, 'bin/retail.js'), command],
    {
      cwd: folder,
      env: { ...process.env, LOADED_MODULES: list },
      encoding: 'utf8',
    },
  )
  expect(status, stderr).toBe(0)
  const loaded = readFileSync(list, 'utf8').trim().split('\n')
  const ours = loaded.flatMap((file) => /^(?!.*node_modules).*\/dist\/(.*)/.exec(file)?.[1] ?? [])
  expect(ours).toEqual(['commands/compiled.js', 'src/pipeline/v8-flags.js'])
  const packages = loaded.flatMap((file) => /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(file)?.[1] ?? [])
  expect([...new Set(packages)].filter((name) => !NOT_BUNDLED.test(name))).toEqual([])
})

test('V8 takes the code that it compiled when the tool was built, in the process and in its threads', () => {
  const compiled = JSON.stringify(path.join(root, 'dist/commands/compiled.js'))
  const says = `import(${compiled}).then(({ script }) => console.log(script.cachedDataRejected))`
  const { stdout, stderr } = spawnSync(
    process.execPath,
    [
      '-e',
      `${says}.then(() => new Worker(${JSON.stringify(says)}, { eval: true, execArgv: [] }))
      const { Worker } = require('node:worker_threads')`,
    ],
    { encoding: 'utf8' },
  )
  expect(stdout, stderr).toBe('false\nfalse\n')
})
