import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { retail as command } from '../src/advice.ts'
import { freshFolder, retail } from '../test/front-door.ts'
import { launcherOf } from './launcher.ts'
import { overridesTaken, spellWith } from './spell.ts'

/** A folder with a built tool in it, and ways to it. */
function installed(...at: string[]) {
  const home = freshFolder()
  const file = (name: string, text = '') => {
    mkdirSync(path.dirname(path.join(home, name)), { recursive: true })
    writeFileSync(path.join(home, name), text)
    return path.join(home, name)
  }
  const link = (name: string, to: string) => {
    mkdirSync(path.dirname(path.join(home, name)), { recursive: true })
    symlinkSync(to, path.join(home, name))
    return path.join(home, name)
  }
  return { home, file, link, bin: file(path.join(...at, 'bin/retail.js')) }
}

describe('the tool tells people to start it as they did', () => {
  test('by its name, where the PATH has it', () => {
    const { home, link, bin } = installed('lib/node_modules/retail-cli')
    const script = link('bin/retail', bin)
    const env = { PATH: `/nowhere:${home}/bin` }
    expect(launcherOf({ script, cwd: home, env })).toEqual(['retail'])
    expect(launcherOf({ script: bin, cwd: home, env })).toEqual(['retail'])
  })

  test.each([
    [
      'from the registry',
      { dependencies: { 'retail-cli': '^0.1.0' }, _npx: { packages: ['retail-cli@0.1'] } },
      'retail-cli@0.1',
    ],
    ['from a repository', { _npx: { packages: ['github:shop/retail'] } }, 'github:shop/retail'],
  ])('by npx, %s', (_how, about, spec) => {
    const { home, file, link, bin } = installed('.npm/_npx/3be8/node_modules/retail-cli')
    file('.npm/_npx/3be8/package.json', JSON.stringify(about))
    const folder = path.join(home, '.npm/_npx/3be8/node_modules/.bin')
    const script = link('.npm/_npx/3be8/node_modules/.bin/retail', bin)
    // npx prepends its own folder to the PATH, and removes that folder later.
    expect(launcherOf({ script, cwd: home, env: { PATH: folder } })).toEqual(['npx', spec])
  })

  test('by node and the file, where npx left no word of how: a name could be anybody’s', () => {
    const { file, link, bin } = installed('.npm/_npx/3be8/node_modules/retail-cli')
    file('.npm/_npx/3be8/package.json', '{}')
    const script = link('.npm/_npx/3be8/node_modules/.bin/retail', bin)
    expect(launcherOf({ script, cwd: freshFolder(), env: {} })).toEqual(['node', bin])
  })

  test('by npx and the file of a package, also from another folder', () => {
    const { home, file, link, bin } = installed('.npm/_npx/3be8/node_modules/retail-cli')
    file('shop/retail-cli-0.1.0.tgz')
    file(
      '.npm/_npx/3be8/package.json',
      '{ "dependencies": { "retail-cli": "file:../../../shop/retail-cli-0.1.0.tgz" }, "_npx": { "packages": ["./retail-cli-0.1.0.tgz"] } }',
    )
    const script = link('.npm/_npx/3be8/node_modules/.bin/retail', bin)
    const from = (cwd: string) => launcherOf({ script, cwd: path.join(home, cwd), env: {} })
    expect(from('shop')).toEqual(['npx', '--yes', './retail-cli-0.1.0.tgz'])
    expect(from('.npm')).toEqual(['npx', '--yes', `file:${path.join(home, 'shop/retail-cli-0.1.0.tgz')}`])
  })

  test('by npx in the project that installed it', () => {
    const { home, link, bin } = installed('node_modules/retail-cli')
    const script = link('node_modules/.bin/retail', bin)
    mkdirSync(path.join(home, 'shop'))
    const env = { PATH: path.join(home, 'node_modules/.bin') }
    expect(launcherOf({ script, cwd: path.join(home, 'shop'), env })).toEqual(['npx', 'retail'])
    expect(launcherOf({ script, cwd: freshFolder(), env })).toEqual([
      'node',
      script.replace('.bin/retail', 'retail-cli/bin/retail.js'),
    ])
  })

  test('by node and the file, from a checkout', () => {
    const { home, bin } = installed('my checkout')
    expect(launcherOf({ script: bin, cwd: path.join(home, 'my checkout'), env: {} })).toEqual([
      'node',
      './bin/retail.js',
    ])
    expect(launcherOf({ script: bin, cwd: freshFolder(), env: {} })).toEqual(['node', bin])
  })
})

describe('a command that is advised', () => {
  const spell = spellWith(['node', '/my tools/retail.js'], {
    workspace: "/tmp/Jo's shop",
    overrides: { seed: 7, stores: 10, target: 'local' },
  })
  test.each([
    [
      command('backfill', '--to', '2024-04-30'),
      `--workspace "/tmp/Jo's shop" --target local --seed 7 --stores 10 --to 2024-04-30`,
    ],
    [command('infra', 'plan', '--dry-run'), `plan --workspace "/tmp/Jo's shop" --target local --dry-run`],
    [command('dashboard'), `--workspace "/tmp/Jo's shop"`],
    [command('backfill', '--workspace', 'x', '--seed=1'), '--target local --stores 10 --workspace x --seed=1'],
    [command('help', 'backfill'), 'backfill'],
  ])('%j keeps the workspace and the world of the run', (line, rest) =>
    expect(spell(line)).toBe(`node '/my tools/retail.js' ${line[1]} ${rest}`),
  )

  test('of another tool is left alone, but for its quotes', () =>
    expect(spell(['duckdb', '-c', 'FROM x'])).toBe("duckdb -c 'FROM x'"))

  test.each(Object.entries(overridesTaken))('%s takes the flags that it is advised with', async (name, settings) => {
    const { stdout } = await retail(`${name} --help`)
    const known = ['--target', '--seed', '--stores', '--products', '--lines-per-store-day']
    const taken = known.filter((flag) => new RegExp(`^  ${flag} `, 'm').test(stdout))
    if (settings.length > 0 || name === 'dashboard') expect(taken).toHaveLength(settings.length)
  })
})

test('an error advises in the same way', async () => {
  const launcher = ['npx', './retail-cli-0.1.0.tgz']
  const told = await retail(['backfill', '--workspace', 'my shop', '--tasks', '3'], { launcher })
  expect(told.stderr).toContain(
    "→ `npx ./retail-cli-0.1.0.tgz backfill --workspace 'my shop' --remote --tasks 3`, or: npx ./retail-cli-0.1.0.tgz backfill --workspace 'my shop' --shard 1/3",
  )
  const json = await retail(['backfill', '--tasks', '3', '--json'], { launcher })
  expect(JSON.parse(json.stdout.trim().split('\n').at(-1)!).error.hint).toContain('npx ./retail-cli-0.1.0.tgz backfill')
})
