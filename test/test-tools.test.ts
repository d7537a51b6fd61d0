import { spawnSync } from 'node:child_process'
import { chmodSync, symlinkSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { freshFolder } from './tool.ts'

const script = path.resolve(import.meta.dirname, '../scripts/test-tools.sh')

/** A machine that has these programs, and an apt-get that only prints its arguments. */
function onMachine(programs: readonly string[], env: Record<string, string> = {}, aptFails = false) {
  const folder = freshFolder()
  for (const name of ['bash', 'cat']) symlinkSync(`/bin/${name}`, path.join(folder, name))
  for (const name of programs) {
    const text = name === 'apt-get' ? `echo "apt-get $*" >&2; exit ${aptFails ? 100 : 0}` : 'exit 0'
    writeFileSync(path.join(folder, name), `#!/bin/bash\n${text}\n`)
    chmodSync(path.join(folder, name), 0o755)
  }
  const { status, stderr } = spawnSync('/bin/bash', [script], { env: { PATH: folder, ...env }, encoding: 'utf8' })
  return { code: status, told: stderr.trim().split('\n').filter(Boolean) }
}

test('says what it installs before it does, and how to bring a browser', () => {
  const { code, told } = onMachine(['apt-get'])
  expect(code).toBe(0)
  expect(told[0]).toBe('make test installs outside this project, with apt-get: chromium zsh fish')
  expect(told[1]).toContain('CHROME_PATH=')
  expect(told.slice(3)).toEqual([
    'apt-get update -qq',
    'apt-get install -y -qq chromium',
    'apt-get install -y -qq zsh fish',
  ])
})

test.each([
  ['everything is there', ['apt-get', 'google-chrome', 'zsh', 'fish'], {}],
  [
    'the caller brings a browser and needs no shells',
    ['apt-get'],
    { CHROME_PATH: '/opt/chrome', RETAIL_SHELLS: 'skip' },
  ],
])('installs and says nothing when %s', (_when, programs, env) =>
  expect(onMachine(programs, env)).toEqual({ code: 0, told: [] }),
)

test('installs only what is missing', () => {
  const { told } = onMachine(['apt-get', 'chromium', 'zsh'])
  expect(told.filter((line) => line.includes('install -y'))).toEqual(['apt-get install -y -qq fish'])
})

test('cannot go on without a browser, and says how to bring one', () => {
  for (const machine of [onMachine(['zsh', 'fish']), onMachine(['apt-get', 'zsh', 'fish'], {}, true)]) {
    expect(machine.code).toBe(3)
    expect(machine.told.at(-1)).toBe('make test needs Chromium: install it, or set CHROME_PATH')
  }
})

test('goes on without shells that it cannot install, and says what is not tested', () => {
  for (const machine of [onMachine(['chromium']), onMachine(['apt-get', 'chromium'], {}, true)]) {
    expect(machine.code).toBe(0)
    expect(machine.told.at(-1)).toMatch(/zsh fish\. Their completion is NOT tested\.$/)
  }
})
