import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { retail, workspace } from '../tool.ts'
import { type LockSource, pinsOf, pipfileLockOf, pipfileOf, pyprojectOf } from './locks.ts'
import { engine } from './python.ts'

const hashes = {
  airflow: '5014419f04c319e06a66cc98d143bb49728153bb33cfb2c43f6cb246334c75e3',
  spark: '2499aea66822f4c75f3570864661eb705936cab7ad5498bf50dfe47e302fa08a',
}
const names = Object.keys(hashes) as (keyof typeof hashes)[]
const folderOf = (name: string) => path.resolve('templates', name, name)

function sourceOf(name: keyof typeof hashes): LockSource {
  const read = (file: string) => readFileSync(path.join(folderOf(name), file), 'utf8')
  const [wanted, lock] = [read('requirements.in'), read('requirements.lock')]
  return { name: `retail-${name}`, wanted, lock, from: '3.10', before: '3.14', pipfileHash: hashes[name] }
}

test.each(names)('the locks of %s for uv and pipenv are made from the one for pip', async (name) => {
  const source = sourceOf(name)
  const pins = pinsOf(source.lock)
  expect(new Set(pins.map((pin) => pin.name)).size).toBe(pins.length)
  expect(pins.filter((pin) => pin.hashes.length === 0)).toEqual([])
  const made = {
    'pyproject.toml': pyprojectOf(source),
    Pipfile: pipfileOf(source),
    'Pipfile.lock': pipfileLockOf(source),
  }
  for (const [file, text] of Object.entries(made))
    await expect(text).toMatchFileSnapshot(path.join(folderOf(name), file))
})

/** Runs a program where a template's Python parts are, as a user would; its output in words. */
async function run(cwd: string, file: string, args: readonly string[]): Promise<string> {
  const env = {
    ...process.env,
    VIRTUAL_ENV: undefined,
    PIPENV_IGNORE_VIRTUALENVS: '1',
    PIPENV_VENV_IN_PROJECT: '1',
    PIPENV_NOSPIN: '1',
    // Of what is installed here, nothing is imported but its names.
    PIP_COMPILE: '0',
  }
  const child = spawn(file, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] })
  let text = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (text += chunk))
  const [code] = await once(child, 'close')
  expect(code, text).toBe(0)
  return text
}

const LIST = `
import importlib.metadata as m, re
names = {re.sub("[-_.]+", "-", d.name).lower() + "==" + d.version for d in m.distributions()}
print("\\n".join(sorted(names)))`
/** What a venv has, but for what every venv has. */
const installed = async (cwd: string, python: string): Promise<string[]> =>
  (await run(cwd, python, ['-I', '-c', LIST]))
    .trim()
    .split('\n')
    .filter((line) => !/^(pip|setuptools|wheel)==/.test(line))

describe.each(names)('the Python parts of %s', (name) => {
  test('are the same by pip, uv and pipenv', async () => {
    const tools = await engine('test/engines/installers.lock')
    const folders: Record<string, string> = {}
    for (const tool of ['pip', 'uv', 'pipenv']) {
      const shop = workspace()
      expect((await retail(shop, `init --yes --with ${name} --force`)).code).toBe(0)
      folders[tool] = path.join(shop, name)
    }
    const venv = (tool: string) => path.join(folders[tool], '.venv/bin/python')
    await run(folders.pip, process.env.RETAIL_PYTHON || 'python3', ['-m', 'venv', '.venv'])
    await run(folders.pip, venv('pip'), [
      '-m',
      'pip',
      'install',
      '-q',
      '--require-hashes',
      '--no-deps',
      '-r',
      'requirements.lock',
    ])
    const packages = await installed(folders.pip, venv('pip'))
    const pinned = pinsOf(sourceOf(name).lock).map((pin) => `${pin.name}==${pin.version}`)
    expect(pinned).toEqual(expect.arrayContaining(packages))

    await run(folders.uv, tools, ['-m', 'uv', 'sync', '--quiet', '--python', venv('pip')])
    expect(existsSync(path.join(folders.uv, 'uv.lock'))).toBe(true)
    expect(await installed(folders.uv, venv('uv'))).toEqual(packages)

    await run(folders.pipenv, tools, ['-m', 'pipenv', 'verify'])
    const required = await run(folders.pipenv, tools, ['-m', 'pipenv', 'requirements', '--exclude-markers'])
    expect(required.split('\n').filter((line) => pinned.includes(line.trim()))).toHaveLength(pinned.length)
    // It starts pip for each few packages: a minute of CPU time for Airflow's, which it reads in the same way.
    if (name === 'airflow') return
    await run(folders.pipenv, tools, ['-m', 'pipenv', 'sync', '--python', venv('pip')])
    expect(await installed(folders.pipenv, venv('pipenv'))).toEqual(packages)
  })
})
