import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { freshFolder } from '../test/front-door.ts'
import { Context } from './context.ts'
import { processIo } from './io.ts'
import { buildProgram } from './program.ts'
import { verbs } from './verbs.ts'

const root = path.resolve(import.meta.dirname, '..')
const markdownIn = (folder: string) =>
  readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.md') && !file.includes('node_modules'))
    .map((file) => path.join(folder, file))
const documents = ['README.md', 'CONTRIBUTING.md', ...['docs', 'templates'].flatMap(markdownIn)]

/** What a reader pastes: blocks of a shell, and the lines of a console after its prompt. */
function blocksOf(text: string): string[] {
  const shell = [...text.matchAll(/^```(?:sh|bash)\n(.*?)^```$/gms)].map(([, block]) => block)
  const console = [...text.matchAll(/^```console\n(.*?)^```$/gms)].map(([, block]) => block)
  return [...shell, ...console.map((block) => block.match(/(?<=^\$ ).*/gm)?.join('\n') ?? '')]
}

/** The words of each `retail` that bash would start. Nothing else is started: the PATH is empty, and `cd` finds every folder. */
function commandsIn(block: string): string[][] {
  const cwd = freshFolder()
  const stub =
    'retail() { printf "%s\\0" "$@" >&3; echo >&3; }; cd() { :; }; command_not_found_handle() { return 0; }; set +e'
  const out = execFileSync('/bin/bash', ['-c', `exec 3>&1 >/dev/null 2>&1 </dev/null\n${stub}\n${block}\ntrue`], {
    ...{ cwd, encoding: 'utf8', env: { PATH: '', HOME: cwd } },
  })
  return out
    .split('\n')
    .filter(Boolean)
    .map((line) => line.split('\0').slice(0, -1))
}

/** Whether the command line is one of this tool; commander throws otherwise. */
async function parse(argv: readonly string[]): Promise<boolean> {
  const context = new Context(argv, { io: processIo(), verbs, prompts: undefined, clock: performance })
  const program = await buildProgram(context)
  let ran = false
  for (const command of program.commands) command.action(() => void (ran = true))
  await program.parseAsync(argv, { from: 'user' })
  return ran
}

describe.each(documents)('%s', (document) => {
  const blocks = blocksOf(readFileSync(path.join(root, document), 'utf8'))
  test.skipIf(blocks.length === 0)(
    'has commands that this tool knows, with flags and values that it takes',
    async () => {
      for (const argv of blocks.flatMap(commandsIn)) expect(await parse(argv), argv.join(' ')).toBe(true)
    },
  )
})

test('a block is read as bash reads it, and a wrong command is found', async () => {
  const block = `cd shop && retail stream --to - --rate 50 | jq .  # to see it
for day in 1 2; do
  retail backfill --to "2024-01-0$day"
done
WHERE='--from 2024-01-01 --until 2024-01-02'
retail grade --transactions 'a b' $WHERE`
  expect(commandsIn(block)).toEqual([
    ['stream', '--to', '-', '--rate', '50'],
    ['backfill', '--to', '2024-01-01'],
    ['backfill', '--to', '2024-01-02'],
    ['grade', '--transactions', 'a b', '--from', '2024-01-01', '--until', '2024-01-02'],
  ])
  for (const wrong of ['streem', 'stream --rat 5', 'stream --rate fast', 'infra build'])
    await expect(parse(wrong.split(' ')), wrong).rejects.toThrow()
})
