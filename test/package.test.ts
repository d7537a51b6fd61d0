import { execFile } from 'node:child_process'
import { cpSync, existsSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { pythonHome } from './tool.ts'

const root = path.resolve(import.meta.dirname, '..')
const NOT_NEEDED = new Set(['.git', 'node_modules', 'dist', '.retail', 'retail-demo'])
const env = { ...process.env, NO_COLOR: '1', RETAIL_NO_INPUT: '1', RETAIL_PYTHON_HOME: pythonHome }

/** Packs a copy, so that the `prepack` of a release does not take dist/ from under the other tests; installs it elsewhere. */
const folders: string[] = []
const fresh = () => {
  folders.push(mkdtempSync(path.join(tmpdir(), 'retail-package-')))
  return folders[folders.length - 1]
}
const run = async (cwd: string, file: string, ...args: string[]): Promise<string> =>
  (await promisify(execFile)(file, args, { cwd, env, maxBuffer: 1 << 26 })).stdout

let packed: string[]
let installed: string

beforeAll(async () => {
  const copy = fresh()
  cpSync(root, copy, { recursive: true, filter: (file) => !NOT_NEEDED.has(path.relative(root, file)) })
  symlinkSync(path.join(root, 'node_modules'), path.join(copy, 'node_modules'))
  const [about] = JSON.parse(await run(copy, 'npm', 'pack', '--json', '--silent')) as [
    { filename: string; files: { path: string }[] },
  ]
  packed = about.files.map(({ path }) => path)
  installed = fresh()
  // Without it npm installs into the nearest folder above that has a node_modules.
  writeFileSync(path.join(installed, 'package.json'), '{ "private": true }\n')
  const quick = ['--prefer-offline', '--ignore-scripts', '--no-audit', '--no-fund', '--no-save']
  await run(installed, 'npm', 'install', path.join(copy, about.filename), ...quick)
})

afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
})

test('the package carries what runs and what is handed on, and no more', () => {
  const top = new Set(packed.map((file) => file.split('/')[0]))
  expect([...top].sort()).toEqual(
    ['CHANGELOG.md', 'LICENSE', 'README.md', 'bin', 'dbt', 'dist', 'package.json', 'templates', 'terraform'].sort(),
  )
  expect(packed).toEqual(
    expect.arrayContaining([
      'bin/retail.js',
      'dist/commands/main.js',
      'dist/src/index.js',
      'dist/src/index.d.ts',
      'dist/src/pipeline/history/backfill-worker.js',
      'dist/src/dashboard/page/index.html',
      'dist/src/dashboard/page/page.js',
      'dist/src/dashboard/page/page.css',
      'dist/src/dashboard/page/licences.txt',
      'dbt/dbt_project.yml',
      'dbt/requirements.lock',
      'dbt/run.py',
      'templates/gitignore',
      'terraform/schemas/transactions.json',
    ]),
  )
  expect(
    packed.filter((file) => /\.test\.|\.contract\.|\.map$|\.snap$|__|\.pyc$|^dbt\/(target|logs)\//.test(file)),
  ).toEqual([])
})

test('installed, it says its version', async () => {
  expect(await run(installed, 'npx', '--no-install', 'retail', '--version')).toMatch(/^retail \d+\.\d+\.\d+\n$/)
})

test('installed, its demo ends well in a folder with nothing else', async () => {
  const result = await run(
    installed,
    'npx',
    '--no-install',
    'retail',
    'demo',
    '--size',
    'tiny',
    '--seconds',
    '1',
    '--json',
  )
  const last = JSON.parse(result.trim().split('\n').pop()!) as { ok: boolean; verify: { ok: boolean } }
  expect(last).toMatchObject({ ok: true, verify: { ok: true, differences: [] } })
  expect(readdirSync(path.join(installed, 'node_modules'))).toContain('retail-cli')
  expect(readdirSync(path.join(installed, 'retail-demo'))).toContain('retail.duckdb')
  expect(existsSync(path.join(installed, 'retail-demo/.retail/python'))).toBe(false)
})

test('installed, it is a library', async () => {
  const program = `
    import { backfill, buildWorld, loadConfig, openPorts, parseDay } from 'retail-cli'
    const { config } = loadConfig({ cwd: process.cwd(), env: { RETAIL_STORES: '3', RETAIL_PRODUCTS: '20' } })
    const ports = await openPorts(config)
    const { rows, complete } = await backfill(ports, config, { to: parseDay('2024-01-02') })
    await ports[Symbol.asyncDispose]()
    console.log(JSON.stringify({ stores: buildWorld(config).stores.count, lines: rows.transactions > 0, complete }))`
  writeFileSync(path.join(installed, 'shop.mjs'), program)
  const said = await run(installed, process.execPath, 'shop.mjs')
  expect(JSON.parse(said)).toEqual({ stores: 3, lines: true, complete: true })
})
