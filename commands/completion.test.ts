import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { parseWhere } from '../src/config/where.ts'
import { parseDay } from '../src/time.ts'
import { freshFolder, retail } from '../test/front-door.ts'
import { EXAMPLES } from './completion/values.ts'
import { dayFlag, durationFlag, instantFlag, rateFlag, shardFlag, speedFlag } from './flags.ts'

const script = async (shell: string) => (await retail(`completion ${shell}`)).stdout

/** What bash offers after these words, the last one unfinished. */
async function offered(...words: string[]): Promise<string[]> {
  const file = path.join(freshFolder(), 'completion.bash')
  writeFileSync(file, await script('bash'))
  const ask = `source "$0"; COMP_WORDS=(retail "$@"); COMP_CWORD=$#; _retail; printf '%s\\n' "\${COMPREPLY[@]}"`
  const out = execFileSync('bash', ['-c', ask, file, ...words], { encoding: 'utf8' })
  return out.split('\n').filter(Boolean)
}

describe('completion in bash', () => {
  test.each([
    [['s'], ['seed-dims', 'stream', 'status', 'sql']],
    [['back'], ['backfill']],
    [['--workspace', '.', 'ver'], ['verify']],
    [['backfill', '--sh'], ['--shard']],
    [
      ['backfill', '--no'],
      ['--no-color', '--no-input'],
    ],
    [
      ['demo', '--size', ''],
      ['tiny', 'default'],
    ],
    [['status', '--target', 'g'], ['gcp']],
    [
      ['completion', ''],
      ['bash', 'zsh', 'fish'],
    ],
    [['help', 'ex'], ['exit-codes']],
    [
      ['backfill', '--from', ''],
      ['today', 'yesterday', '-90d', '-12w', '-3mo', '-1y'],
    ],
    [
      ['init', '--with', 'make,airflow,'],
      ['make,airflow,spark', 'make,airflow,docker', 'make,airflow,kubernetes', 'make,airflow,dbt', 'make,airflow,ci'],
    ],
    [['--workspace', 'demo', 'ver'], ['verify']],
    [['plan', '--tasks', ''], []],
  ])('retail %j offers %j', async (words, offers) => {
    const found = await offered(...words)
    expect(words.at(-1) === '' ? found.filter((word) => !word.startsWith('--')) : found).toEqual(offers)
  })
})

test.each(['bash', 'zsh', 'fish'])('the script for %s', async (shell) => {
  const text = await script(shell)
  expect(text).toMatchSnapshot()
  expect(text).not.toContain('undefined')
})

test.each<[string, (text: string) => unknown]>([
  ['<day>', dayFlag(parseDay('2024-05-31')!)],
  ['<instant>', instantFlag(parseDay('2024-05-31')!)],
  ['<time>', durationFlag],
  ['<factor>', speedFlag],
  ['<rate>', rateFlag],
  ['<where>', (text: string) => parseWhere(text, '/')],
  ['<i/n>', shardFlag],
])('every example of %s is valid', (form, parse) => {
  for (const word of EXAMPLES[form]) expect(() => parse(word), word).not.toThrow()
})
