import { execFile } from 'node:child_process'
import { cpSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { terraformPeer } from '../peers/terraform.ts'

const root = path.resolve(import.meta.dirname, '../..')
const folder = mkdtempSync(path.join(tmpdir(), 'retail-terraform-'))
let env: NodeJS.ProcessEnv

/** Resolves to its output; a failure contains all of it. */
async function terraform(line: string, cwd = folder): Promise<string> {
  const { stdout } = await promisify(execFile)('terraform', line.split(' '), { cwd, env }).catch((error) => {
    throw new Error(`terraform ${line}\n${error.stdout}\n${error.stderr}`)
  })
  return stdout
}

beforeAll(async () => {
  env = { ...process.env, ...(await terraformPeer()) }
  cpSync(path.join(root, 'terraform'), folder, { recursive: true })
  cpSync(path.join(import.meta.dirname, 'terraform'), path.join(folder, 'tests'), { recursive: true })
  await terraform('init -input=false -no-color')
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

test('is formatted as terraform does it', async () => {
  await terraform('fmt -check -recursive -diff -no-color')
})

test.each(['.', 'state'])('%s names no argument that the provider does not know', async (part) => {
  const at = path.join(folder, part)
  if (part !== '.') await terraform('init -input=false -no-color', at)
  expect(await terraform('validate -no-color', at)).toContain('The configuration is valid')
})

const files = readdirSync(path.join(import.meta.dirname, 'terraform'))

test.each(files)('%s holds, against a provider that makes nothing', async (file) => {
  const told = await terraform(`test -no-color -filter=tests/${file}`)
  expect(told).toMatch(/Success! [1-9]\d* passed, 0 failed/)
})
