import { spawn } from 'node:child_process'
import fs from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { transform } from '../src/pipeline/transform.ts'
import { packageFolder } from '../src/tools/package-folder.ts'
import { type EnvironmentOptions, pipSteps, pythonEnvironment, uvSteps } from '../src/tools/python-environment.ts'
import { pythonHomes } from '../src/tools/python-homes.ts'
import { run } from '../src/tools/run.ts'
import { withUv } from './python-env.ts'
import { pythonHome } from './python-home.ts'
import { smallWarehouse } from './small-warehouse.ts'

let home: string
let lock: string
/** Without uv: pip makes what users without it get. */
const env = { ...process.env, PATH: pathWithout('uv') }

beforeEach(() => {
  home = fs.mkdtempSync(path.join(tmpdir(), 'retail-python-'))
  lock = path.join(home, 'requirements.lock')
  fs.writeFileSync(lock, '# no packages: the way is the same\n')
  onTestFinished(() => fs.rmSync(home, { recursive: true, force: true }))
})

const made: string[] = []
const environment = (options: Partial<EnvironmentOptions> = {}) =>
  pythonEnvironment({ lock, homes: [home], env, onMake: (where) => made.push(where), ...options })
/** Where it does not matter what makes one: a tenth of the time. */
const quickly = async (options: Partial<EnvironmentOptions> = {}) => environment({ env: await withUv(), ...options })
const halfway = () => fs.readdirSync(home).filter((name) => name.startsWith('.making-'))
beforeEach(() => void made.splice(0))

test('an environment is made once, works when its folder is moved, and is recreated when its Python is gone', async () => {
  const python = await environment()
  expect(await environment()).toBe(python)
  expect(made).toHaveLength(1)
  const moved = `${home}-moved`
  fs.renameSync(home, moved)
  onTestFinished(() => fs.rmSync(moved, { recursive: true, force: true }))
  const there = await environment({ homes: [moved], lock: path.join(moved, 'requirements.lock') })
  expect(made).toHaveLength(1)
  expect((await run({ file: there, args: ['-I', '-c', 'import pip; print(pip.__file__)'] })).tail[0]).toContain(moved)
  fs.rmSync(there)
  expect(await environment({ homes: [moved], lock: path.join(moved, 'requirements.lock') })).toBe(there)
  expect(made).toHaveLength(2)
})

test('one that was killed halfway is recreated, and its remains are swept', async () => {
  const script = `import(${JSON.stringify(path.resolve('dist/src/tools/python-environment.js'))})
    .then(({ pythonEnvironment }) => pythonEnvironment(${JSON.stringify({ lock, homes: [home] })}))`
  const maker = spawn(process.execPath, ['-e', script], { env, stdio: 'ignore', detached: true })
  while (halfway().length === 0 || fs.readdirSync(path.join(home, halfway()[0])).length === 0) await sleep(5)
  process.kill(-maker.pid!, 'SIGKILL')
  await new Promise((resolve) => maker.once('exit', resolve))
  expect(halfway()).toHaveLength(1)
  const python = await environment()
  expect((await run({ file: python, args: ['-I', '-c', 'print("whole")'] })).tail).toEqual(['whole'])
  expect(halfway()).toEqual([])
})

test('two makers at once end with the same one', async () => {
  const [one, other] = await Promise.all([quickly(), quickly()])
  expect(one).toBe(other)
  expect((await run({ file: one, args: ['-I', '-c', ''] })).exitCode).toBe(0)
  expect(halfway()).toEqual([])
})

test('one maker keeps the environment that another one finished in the meantime', async () => {
  const folder = path.dirname(path.dirname(await quickly()))
  const finished = `${folder}-finished`
  fs.renameSync(folder, finished)
  const { ino } = fs.statSync(finished)
  await quickly({ onMake: () => fs.renameSync(finished, folder) })
  expect(fs.statSync(folder).ino).toBe(ino)
  expect(halfway()).toEqual([])
})

describe('two workspaces', () => {
  const workspace = (name: string, cache = path.join(home, 'cache')) => {
    const folder = path.join(home, name)
    fs.mkdirSync(folder, { recursive: true })
    return pythonHomes(folder, { XDG_CACHE_HOME: cache })
  }

  test('share one environment in the cache of the user', async () => {
    const one = await quickly({ homes: workspace('one') })
    expect(one).toContain(path.join(home, 'cache/retail/python/py3'))
    expect(await quickly({ homes: workspace('two') })).toBe(one)
    expect(made).toEqual([path.join(home, 'cache/retail/python')])
  })

  test('each have their own where the cache cannot be written', async () => {
    fs.writeFileSync(path.join(home, 'file'), '')
    expect(await quickly({ homes: workspace('one', path.join(home, 'file')) })).toContain(path.join(home, 'one'))
    expect(made).toEqual([path.join(home, 'one/python')])
  })

  test('keep the environment that a workspace already has', async () => {
    const one = await quickly({ homes: workspace('one').slice(0, 1) })
    expect(await quickly({ homes: workspace('one') })).toBe(one)
    expect(made).toHaveLength(1)
  })
})

describe('it cannot be made', () => {
  test('without a network: exit 3, and what to set', async () => {
    fs.writeFileSync(lock, `six==1.17.0 --hash=sha256:${'0'.repeat(64)}\n`)
    const offline = {
      ...env,
      PIP_INDEX_URL: 'http://127.0.0.1:9/simple',
      PIP_RETRIES: '0',
      PIP_NO_CACHE_DIR: '1',
      PIP_CONFIG_FILE: '/dev/null',
    }
    await expect(environment({ env: offline })).rejects.toMatchObject({
      exitCode: 3,
      message: 'the Python packages of dbt could not be downloaded',
      hint: expect.stringContaining('PIP_INDEX_URL'),
    })
    expect(halfway()).toEqual([])
  })

  test('by a Python without venv: exit 3, and what to install', async () => {
    const broken = path.join(home, 'python3')
    const script = `case "$*" in *venv*) echo 'ensurepip is not available' >&2; exit 1;; *) echo "retail-python 3 11 ${broken}";; esac`
    fs.writeFileSync(broken, `#!/bin/sh\n${script}\n`, { mode: 0o755 })
    await expect(environment({ env: { ...env, RETAIL_PYTHON: broken } })).rejects.toMatchObject({
      exitCode: 3,
      hint: expect.stringContaining('python3-venv'),
    })
  })

  test('without Python: transform ends with 3 before it opens a build', async () => {
    const { portsOf, config, remove } = await smallWarehouse()
    onTestFinished(remove)
    const before = process.env.RETAIL_PYTHON
    process.env.RETAIL_PYTHON = path.join(home, 'none')
    onTestFinished(
      () => void (before === undefined ? delete process.env.RETAIL_PYTHON : (process.env.RETAIL_PYTHON = before)),
    )
    await expect(
      transform(
        portsOf(() => expect.fail('opened')),
        config,
        {},
      ),
    ).rejects.toMatchObject({
      exitCode: 3,
      hint: expect.stringContaining('RETAIL_PYTHON'),
    })
  })
})

test('dbt ends when the one who started it is gone', async () => {
  const project = path.join(packageFolder(), 'dbt')
  const python = await pythonEnvironment({ lock: path.join(project, 'requirements.lock'), homes: [pythonHome] })
  const child = spawn(python, ['-I', path.join(project, 'run.py'), '--help'], { stdio: ['pipe', 'ignore', 'ignore'] })
  child.stdin.destroy()
  expect(await new Promise((resolve) => child.once('exit', resolve))).toBe(143)
})

test('the steps of uv and of pip install the same lock', () => {
  const words = (steps: ReturnType<typeof uvSteps>) => steps.map(({ file, args }) => [file, ...args].join(' '))
  expect(words(uvSteps('env', 'python3', 'lock'))).toMatchInlineSnapshot(`
    [
      "uv venv --python python3 env",
      "uv pip install --python env/bin/python --require-hashes --no-deps -r lock",
    ]
  `)
  expect(words(pipSteps('env', 'python3', 'lock'))).toMatchInlineSnapshot(`
    [
      "python3 -I -m venv env",
      "env/bin/python -I -m pip install --disable-pip-version-check --no-input --progress-bar off --require-hashes --no-deps --compile -r lock",
    ]
  `)
})

function pathWithout(program: string): string {
  const folders = (process.env.PATH ?? '').split(path.delimiter)
  return folders.filter((folder) => !fs.existsSync(path.join(folder, program))).join(path.delimiter)
}
