import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { findPython } from './find-python.ts'

let bin: string
beforeEach(() => {
  bin = mkdtempSync(path.join(tmpdir(), 'retail-bin-'))
})
afterEach(() => rmSync(bin, { recursive: true, force: true }))

function install(name: string, answer: string): string {
  const file = path.join(bin, name)
  writeFileSync(file, `#!/bin/sh\n${answer}\n`)
  chmodSync(file, 0o755)
  return file
}
const says = (minor: number) => `echo retail-python 3 ${minor} /opt/3.${minor}/bin/python`

test('the first on the PATH that dbt runs on is taken', async () => {
  install('python3', says(9))
  install('python', says(12))
  expect(await findPython({ PATH: bin })).toEqual({ version: '3.12', file: '/opt/3.12/bin/python' })
})

test('a shim without its Python is passed over', async () => {
  install('python3', 'echo "pyenv: python3: command not found" >&2; exit 127')
  install('python3.11', says(11))
  expect(await findPython({ PATH: bin })).toMatchObject({ version: '3.11' })
})

test('RETAIL_PYTHON is the only one asked', async () => {
  install('python3', says(11))
  const mine = install('mine', says(8))
  await expect(findPython({ PATH: bin, RETAIL_PYTHON: mine })).rejects.toMatchObject({
    exitCode: 3,
    why: `${mine} is 3.8`,
  })
})

test('too new is told as too old is', async () => {
  install('python3', says(14))
  await expect(findPython({ PATH: bin })).rejects.toMatchObject({ code: 'tool_missing', why: 'python3 is 3.14' })
})

test('no Python at all ends with 3 and says how to get one', async () => {
  await expect(findPython({ PATH: bin })).rejects.toMatchObject({
    exitCode: 3,
    why: 'neither python3 nor python is on the PATH',
    hint: expect.stringContaining('RETAIL_PYTHON'),
  })
})
