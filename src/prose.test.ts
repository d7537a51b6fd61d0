import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'

interface Fault {
  line: number
  message: string
}

const script = (name: string) => new URL(`../scripts/prose/${name}`, import.meta.url)
const { lint }: { lint: (file: string, text: string) => Promise<Fault[]> } = await import(script('lint.mjs').href)
const { vocabulary }: { vocabulary: () => { not: string; use: string; bad: string; good: string }[] } = await import(
  script('rules.mjs').href
)

const linesOf = async (file: string, text: string) => (await lint(file, text)).map(({ line }) => line)

describe('every phrase of the vocabulary', () => {
  test.each(vocabulary())('$not', async ({ use, bad, good }) => {
    expect((await lint('page.md', bad)).map(({ message }) => message)).toContainEqual(expect.stringContaining(use))
    expect(await lint('page.md', good)).toEqual([])
  })
})

describe('a planted sentence is found, with its line, in', () => {
  test.each([
    ['a paragraph', 'page.md', '# Title\n\nEach publish makes it anew.\n', 3],
    ['a phrase over the end of a line', 'page.md', 'It runs as long as\nit is let.\n', 1],
    ['a cell of a table', 'page.md', '| a | b |\n|---|---|\n| x | made anew |\n', 3],
    ['the text of a link', 'page.md', 'See [how it is made anew](x.md).\n', 1],
    ['a comment', 'code.ts', 'const a = 1\n/** Makes it anew. */\nconst b = 2\n', 2],
    ['a comment of several lines', 'code.ts', '/**\n * It runs as long\n * as it is let.\n */\nconst a = 1\n', 2],
    ['line comments', 'code.ts', '// It runs as long as\n// it is let.\nconst a = 1\n', 1],
    ['a message', 'code.ts', "const a = 1\nthrow new Error('the file is made anew')\n", 2],
    ['a template', 'code.ts', 'const a = 1\nconst b = `$' + '{a}: the file is made anew`\n', 2],
    ['a snapshot', 'help.snap', 'exports[`made anew 1`] = `\n"Usage:\n  it is made anew\n"\n`;\n', 3],
    ['a description in YAML', 'models.yml', 'models:\n  - { name: day, description: made anew each day }\n', 2],
    ['a description in Terraform', 'variables.tf', 'variable "a" {\n  description = "made anew"\n}\n', 2],
    ['a comment in SQL', 'model.sql', 'select 1\n-- made anew each day\n', 2],
    ['the help of a Makefile', 'Makefile', 'a:\n\ttrue\nlock: ## the lock anew\n', 3],
    ['a comment in a script', 'run.sh', 'set -e\n# It is made anew.\n', 2],
  ])('%s', async (_where, file, text, line) => {
    expect(await linesOf(file, text)).toEqual([line])
  })
})

describe('code is not prose:', () => {
  test.each([
    ['a span', 'page.md', 'The option `anew` exists.\n'],
    ['a block', 'page.md', '```sh\nmake anew\n```\n'],
    ['an address', 'page.md', '[page](https://example.com/anew)\n'],
    ['a name', 'code.ts', 'const anew = 1\n'],
    ['the title of a snapshot', 'help.snap', 'exports[`made anew 1`] = `\n"Usage"\n`;\n'],
  ])('%s', async (_what, file, text) => {
    expect(await lint(file, text)).toEqual([])
  })
})

test.each([
  ['a sentence without an end', `The stream ${'writes rows and '.repeat(20)}stops.`],
  ['a word that occurs twice', 'The stream writes the the rows.'],
  ['a misspelled name', 'The page needs Javascript.'],
])('%s is found', async (_what, text) => {
  expect(await linesOf('page.md', text)).toEqual([1])
})

describe('`npm run prose`', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'retail-prose-'))
  afterAll(() => rmSync(folder, { recursive: true }))
  const run = (name: string, text: string) => {
    const file = path.join(folder, name)
    writeFileSync(file, text)
    return spawnSync(process.execPath, [script('main.mjs').pathname, file], { encoding: 'utf8' })
  }

  test('fails, and names the place and the usual term', () => {
    const { status, stderr } = run('bad.md', '# Title\n\nEach publish makes it anew.\n')
    expect(stderr).toContain(`${path.join(folder, 'bad.md')}:3: "anew": write "again"`)
    expect(status).toBe(1)
  })

  test('passes plain English', () => {
    expect(run('good.md', '# Title\n\nEach publish rebuilds it.\n')).toMatchObject({ status: 0, stderr: '' })
  })
})
