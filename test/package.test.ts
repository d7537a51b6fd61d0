import { execFile } from 'node:child_process'
import {
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { pythonHome } from './tool.ts'

const root = path.resolve(import.meta.dirname, '..')
const NOT_NEEDED = new Set(['.git', 'node_modules', 'dist', '.retail', 'retail-demo'])
const env: NodeJS.ProcessEnv = { ...process.env, NO_COLOR: '1', RETAIL_NO_INPUT: '1', RETAIL_PYTHON_HOME: pythonHome }

/** Packs a copy, so that the `prepack` of a release does not take dist/ from under the other tests; installs it elsewhere. */
const folders: string[] = []
const fresh = () => {
  folders.push(mkdtempSync(path.join(tmpdir(), 'retail-package-')))
  return folders[folders.length - 1]
}
const run = async (cwd: string, file: string, ...args: string[]): Promise<string> =>
  (await promisify(execFile)(file, args, { cwd, env, maxBuffer: 1 << 26 })).stdout

const quick = ['--prefer-offline', '--ignore-scripts', '--no-audit', '--no-fund', '--no-save']

let packed: string[]
let installed: string
let checkout: string
let tarball: string

beforeAll(async () => {
  const copy = fresh()
  checkout = copy
  cpSync(root, copy, { recursive: true, filter: (file) => !NOT_NEEDED.has(path.relative(root, file)) })
  symlinkSync(path.join(root, 'node_modules'), path.join(copy, 'node_modules'))
  const [about] = JSON.parse(await run(copy, 'npm', 'pack', '--json', '--silent')) as [
    { filename: string; files: { path: string }[] },
  ]
  packed = about.files.map(({ path }) => path)
  tarball = path.join(copy, about.filename)
  installed = fresh()
  // Without it npm installs into the nearest folder above that has a node_modules.
  writeFileSync(path.join(installed, 'package.json'), '{ "private": true }\n')
  await run(installed, 'npm', 'install', tarball, ...quick)
})

afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
})

test('the package carries what runs and what is handed on, and no more', () => {
  const top = new Set(packed.map((file) => file.split('/')[0]))
  expect([...top].sort()).toEqual(
    [
      ...['ARCHITECTURE.md', 'CHANGELOG.md', 'CONTRIBUTING.md', 'LICENSE', 'README.md', 'SECURITY.md'],
      ...['bench', 'bin', 'dbt', 'dist', 'docs', 'examples', 'package.json', 'templates', 'terraform'],
    ].sort(),
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

test('the package has every document that the tool names or that its documents link to', () => {
  const sources = ['commands', 'src', 'templates', 'dbt', 'terraform'].flatMap((folder) =>
    readdirSync(path.join(root, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && !/\.test\.ts$|\.snap$|\.lock$/.test(entry.name))
      .map((entry) => path.relative(root, path.join(entry.parentPath, entry.name))),
  )
  const text = (file: string) => readFileSync(path.join(root, file), 'utf8')
  const named = sources.flatMap((file) => text(file).match(/\bdocs\/[\w-]+\.md\b/g) ?? [])
  const linked = packed
    .filter((file) => /^(docs\/)?[\w-]+\.md$/.test(file))
    .flatMap((file) =>
      [...text(file).matchAll(/\]\(([\w./-]+\.md)(?:#[\w-]*)?\)/g)].map(([, to]) => path.join(path.dirname(file), to)),
    )
  expect(new Set(named).size).toBeGreaterThan(2)
  expect(linked).toContain('docs/config.md')
  for (const document of [...named, ...linked]) expect(packed).toContain(document)
})

test('installed, it says its version', async () => {
  expect(await run(installed, 'npx', '--no-install', 'retail', '--version')).toMatch(/^retail \d+\.\d+\.\d+\n$/)
})

describe('what it advises next can be typed as it stands', () => {
  /** Follows the first line under `Next:` of each result, in a shell, from an empty workspace up to the last of `steps`. */
  async function follow(
    start: string,
    { PATH = env.PATH!, shop = fresh(), steps = ['seed-dims', 'backfill', 'transform'] } = {},
  ): Promise<void> {
    const sh = async (line: string) =>
      (await promisify(execFile)('bash', ['-c', line], { cwd: shop, env: { ...env, PATH } })).stdout
    let said = await sh(`${start} init --yes --size tiny`)
    for (const command of steps) {
      const [, next] = /^ *Next: +(.+?)(?: {2,}.*)?$/m.exec(said) ?? []
      expect(next).toBe(`${start} ${command}`)
      if (command !== steps.at(-1)) said = await sh(next)
    }
    expect(existsSync(path.join(shop, 'lake'))).toBe(true)
  }

  /** A folder for PATH, as `npm config get prefix` names one: it gets what npm installs globally. */
  async function globally(cwd: string, ...args: string[]): Promise<string> {
    const prefix = fresh()
    await promisify(execFile)('npm', [...args, ...quick], { cwd, env: { ...env, npm_config_prefix: prefix } })
    return `${path.join(prefix, 'bin')}${path.delimiter}${env.PATH}`
  }

  test('after npm install --global of the package file', async () =>
    follow('retail', { PATH: await globally(fresh(), 'install', '--global', tarball) }))

  test('after npm link in a checkout', async () => {
    const PATH = await globally(checkout, 'link')
    await follow('retail', { PATH })
    expect(lstatSync(path.join(checkout, 'node_modules')).isSymbolicLink()).toBe(true)
  })

  test('by npx and the package file', async () => {
    const shop = fresh()
    cpSync(tarball, path.join(shop, path.basename(tarball)))
    const cache = path.join((await run(shop, 'npm', 'config', 'get', 'cache')).trim(), '_npx')
    const before = new Set(existsSync(cache) ? readdirSync(cache) : [])
    try {
      // npx installs a file each time that it runs one.
      await follow(`npx --yes ./${path.basename(tarball)}`, { shop, steps: ['seed-dims', 'backfill'] })
    } finally {
      for (const name of readdirSync(cache).filter((name) => !before.has(name)))
        if (readFileSync(path.join(cache, name, 'package.json'), 'utf8').includes(path.basename(shop)))
          rmSync(path.join(cache, name), { recursive: true })
    }
  })

  test('by node and the file in a checkout', async () => follow(`node ${path.join(checkout, 'bin/retail.js')}`))
})

test('init --with writes the same package as npm packs', async () => {
  const shop = fresh()
  await run(shop, process.execPath, path.join(checkout, 'bin/retail.js'), 'init', '--yes', '--with', 'make')
  const written = path.join(shop, 'vendor', path.basename(tarball))
  const filesOf = async (file: string) => (await run(shop, 'tar', '-tzf', file)).trim().split('\n').sort()
  expect(await filesOf(written)).toEqual(await filesOf(tarball))
  // And an installed package writes what it was installed from.
  const again = fresh()
  await run(
    again,
    process.execPath,
    path.join(installed, 'node_modules/retail-cli/bin/retail.js'),
    'init',
    '--yes',
    '--with',
    'make',
  )
  expect(await filesOf(path.join(again, 'vendor', path.basename(tarball)))).toEqual(await filesOf(tarball))
})

test('installed, it advises npx, as it was started', async () => {
  mkdirSync(path.join(installed, 'empty'))
  const refused = run(path.join(installed, 'empty'), 'npx', '--no-install', 'retail', 'status')
  await expect(refused).rejects.toMatchObject({
    code: 3,
    stderr: expect.stringContaining('create one first: npx retail init'),
  })
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
