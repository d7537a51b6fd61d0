import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { adviceText, advise, adviseAlso, COMMANDS, retail, shellLine } from './advice.ts'

describe('a command line in text', () => {
  test('is what a shell reads back, whatever its words are', () => {
    const word = fc.string({
      unit: fc.constantFrom(...`ab1 '"\\$\`!*?~#&;|<>()[]{}\n\té=:,./-`),
      minLength: 1,
      maxLength: 8,
    })
    fc.assert(
      fc.property(fc.array(word, { minLength: 100, maxLength: 100 }), (words) => {
        const told = execFileSync('sh', ['-c', `for word in ${shellLine(words)}; do printf '%s\\0' "$word"; done`])
        expect(told.toString().split('\0').slice(0, -1)).toEqual(words)
      }),
      { numRuns: 30 },
    )
  })

  test.each([
    [['retail', 'stream', '--until', "it's"], `retail stream --until "it's"`],
    [['cd', '/tmp/my shop'], "cd '/tmp/my shop'"],
    [['mv', 'key.json', '~/.config/gcloud/'], 'mv key.json ~/.config/gcloud/'],
    [['duckdb', '-c', "FROM '/a b/x.csv' LIMIT 5"], `duckdb -c "FROM '/a b/x.csv' LIMIT 5"`],
  ])('%j is written %s', (words, line) => expect(shellLine(words)).toBe(line))
})

describe('advice', () => {
  const spell = (words: readonly string[]) => words.join(' ').replace('retail', 'npx retail-cli')
  test.each([
    [advise`${retail('infra', 'apply')}`, 'npx retail-cli infra apply'],
    [advise`make it: ${retail('init')}`, 'make it: npx retail-cli init'],
    [
      advise`run ${retail('seed-dims')} and ${retail('backfill')}`,
      'run `npx retail-cli seed-dims` and `npx retail-cli backfill`',
    ],
    [advise`${retail('status')} shows ${3} of ${'them'}`, '`npx retail-cli status` shows 3 of them'],
    [adviseAlso('wait', advise`. Then: ${retail('load')}`), 'wait. Then: npx retail-cli load'],
  ])('%j', (advice, text) => expect(adviceText(advice, spell)).toBe(text))
})

/**
 * How the tool was started is known at the counter, so a command that people are to type is never text before it gets there.
 * Help is about the tool and says `retail`, as every manual does: its examples, summaries and descriptions of settings are let through.
 */
test('no sentence of ours names a command in text', () => {
  const root = path.join(import.meta.dirname, '..')
  const command = new RegExp(`\\bretail (?:${COMMANDS.join('|')}|--\\w)`)
  const found = ['src', 'commands'].flatMap((folder) =>
    readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts') && !/\.(test|contract)\.ts$/.test(file))
      .map((file) => path.join(folder, file))
      .filter((file) => !MANUAL_FILES.includes(file))
      .flatMap((file) =>
        readFileSync(path.join(root, file), 'utf8')
          .replace(/\/\*[\s\S]*?\*\/|(?<!:)\/\/.*$/gm, (comment) => comment.replace(/[^\n]/g, ''))
          .split('\n')
          .flatMap((line, i) => (command.test(line) && !isExample(line) ? [`${file}:${i + 1} ${line.trim()}`] : [])),
      ),
  )
  expect(found, 'write it with advise and retail() of src/advice.ts: the counter spells it').toEqual([])
})

/** They describe the tool: what a setting is, what a column of `plan` counts, who holds a lock. */
const MANUAL_FILES = [
  ...[
    'src/advice.ts',
    'src/config/settings.ts',
    'src/config/document.ts',
    'src/config/reference.ts',
    'src/tables/emit.ts',
  ],
  ...['commands/render/plan.ts', 'src/adapters/local/owners.ts', 'commands/help.ts', 'commands/program.ts'],
  ...['commands/completion.ts'],
]
const isExample = (line: string) => /^\s*\[['"]retail |^\s*about: /.test(line)
