import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { COMMANDS } from '../src/advice.ts'
import { retail } from '../test/front-door.ts'

const root = path.resolve(import.meta.dirname, '..')

describe('help', () => {
  test.each(['', ...COMMANDS])('retail %s --help', async (name) => {
    const { code, stdout, stderr } = await retail(`${name} --help`)
    expect(stdout.replaceAll(root, '<package>')).toMatchSnapshot()
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  })

  test('lists the commands in the order in which data flows', async () => {
    const { stdout } = await retail('--help')
    expect(COMMANDS.map((name) => stdout.indexOf(`\n  ${name} `))).toEqual(
      COMMANDS.map((name) => stdout.indexOf(`\n  ${name} `)).sort((a, b) => a - b),
    )
  })

  test('is the same by any road', async () => {
    const { stdout } = await retail('backfill --help')
    expect((await retail('help backfill')).stdout).toBe(stdout)
    expect((await retail('backfill -h')).stdout).toBe(stdout)
    expect((await retail('')).stdout).toBe((await retail('help')).stdout)
  })

  test('explains the exit codes', async () => {
    expect((await retail('help exit-codes')).stdout).toMatchSnapshot()
  })

  test('the version is one line; for a bug report it says what it runs on', async () => {
    expect((await retail('--version')).stdout).toMatch(/^retail \d+\.\d+\.\d+\n$/)
    expect((await retail('backfill -V')).code).toBe(0)
    expect(Object.keys(JSON.parse((await retail('--version --json')).stdout))).toEqual([
      'retail',
      'node',
      'platform',
      'duckdb',
    ])
  })
})
