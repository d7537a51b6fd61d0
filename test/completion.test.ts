import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { freshFolder, retail } from './tool.ts'

/** Shows the words that the shell passes on: after a TAB and Enter, those that it completed. */
const SHOW = {
  bash: `retail() { printf 'ARG<%s>\\n' "$@"; printf 'END%s\\n' '<>'; }`,
  zsh: `retail() { printf 'ARG<%s>\\n' "$@"; printf 'END%s\\n' '<>'; }`,
  fish: `function retail; printf 'ARG<%s>\\n' $argv; printf 'END%s\\n' '<>'; end`,
}
type Shell = keyof typeof SHOW

const START: Record<Shell, (rc: string) => { files: Record<string, string>; command: string }> = {
  bash: (rc) => ({
    files: { bashrc: `PS1='READY> '\nbind 'set bell-style none'\nbind 'set enable-bracketed-paste off'\n${rc}` },
    command: 'bash --noprofile --rcfile bashrc -i',
  }),
  zsh: (rc) => ({
    files: { '.zshrc': `PS1='READY> '\nunset zle_bracketed_paste\nautoload -Uz compinit\ncompinit -u -D\n${rc}` },
    command: 'zsh -d -i',
  }),
  fish: (rc) => ({
    files: { 'config.fish': `function fish_prompt; echo -n 'READY> '; end\n${rc}` },
    command: "fish --no-config --private -i -C 'source config.fish'",
  }),
}

/** `required` fails without a shell, `skip` leaves all out; else those that are here are tested. */
const policy = process.env.RETAIL_SHELLS

const isThere = (shell: Shell) => spawnSync(shell, ['--version']).status === 0

/** An interactive shell on a terminal, in a folder with paths to complete. */
async function open(shell: Shell) {
  const home = freshFolder(true)
  for (const folder of ['my shop', 'exports', 'demo']) mkdirSync(path.join(home, folder))
  for (const file of ['report.html', 'exports.txt', 'my shop/report.pdf']) writeFileSync(path.join(home, file), '')
  const { code, stdout } = await retail(home, `completion ${shell}`)
  expect(code).toBe(0)
  const { files, command } = START[shell](`${SHOW[shell]}\n${stdout}`)
  for (const [name, text] of Object.entries(files)) writeFileSync(path.join(home, name), text)
  const child = spawn('script', ['-qfec', `stty cols 200 rows 50; exec ${command}`, '/dev/null'], {
    cwd: home,
    env: { PATH: process.env.PATH, HOME: home, ZDOTDIR: home, TERM: 'dumb', LC_ALL: 'C.UTF-8' },
    stdio: ['pipe', 'pipe', 'ignore'],
  })
  let said = ''
  child.stdout.on('data', (chunk) => (said += chunk))
  await shows(
    child,
    () => said.includes('READY> '),
    () => said,
  )
  /** The words that `retail` gets after TAB and Enter. */
  async function complete(line: string): Promise<string[]> {
    said = ''
    child.stdin.write(`retail ${line}\t\r`)
    await shows(
      child,
      () => /END<>[\s\S]*READY> /.test(said),
      () => said,
    )
    return [...said.matchAll(/^ARG<(.*)>\r?$/gm)].map(([, word]) => word)
  }
  return { complete, end: () => child.kill() }
}

/** Resolves when what the shell said is as wanted. */
const shows = (child: ChildProcess, so: () => boolean, said: () => string) =>
  new Promise<void>((resolve, reject) => {
    const look = () => so() && done(resolve)
    const ended = () => done(() => reject(new Error(`the shell ended: ${said()}`)))
    const timer = setTimeout(() => done(() => reject(new Error(`the shell shows ${JSON.stringify(said())}`))), 60_000)
    function done(settle: () => void) {
      clearTimeout(timer)
      child.stdout!.off('data', look)
      child.off('close', ended)
      settle()
    }
    child.stdout!.on('data', look)
    child.on('close', ended)
    look()
  })

for (const shell of ['bash', 'zsh', 'fish'] as const) {
  const tested = shell === 'bash' || policy === 'required' || (policy !== 'skip' && isThere(shell))
  if (!tested) console.warn(`${shell} IS NOT TESTED: it is not installed, or RETAIL_SHELLS=skip is set`)

  describe.skipIf(!tested)(`a TAB in ${shell} completes`, () => {
    let session: Awaited<ReturnType<typeof open>>
    beforeAll(async () => {
      session = await open(shell)
    })
    afterAll(() => session?.end())

    test.each([
      ['a command', 'backf', ['backfill']],
      ['a command after a flag of all commands', '--workspace demo statu', ['--workspace', 'demo', 'status']],
      ['a flag', 'backfill --sh', ['backfill', '--shard']],
      ['a flag before the command', '--works', ['--workspace']],
      ['a flag after an operand', 'infra apply --skip', ['infra', 'apply', '--skip-remote-state']],
      ['an operand', 'infra ap', ['infra', 'apply']],
      ['a topic of help', 'help ex', ['help', 'exit-codes']],
      ['one of some values', 'backfill --format nd', ['backfill', '--format', 'ndjson']],
      ['a value after =', 'backfill --format=nd', ['backfill', '--format=ndjson']],
      ['a day', 'backfill --from yes', ['backfill', '--from', 'yesterday']],
      ['a day before today', 'init --from=-9', ['init', '--from=-90d']],
      ['a speed', 'stream --speed m', ['stream', '--speed', 'max']],
      ['the first of a list', 'init --with ai', ['init', '--with', 'airflow']],
      ['the next of a list', 'init --with airflow,ma', ['init', '--with', 'airflow,make']],
      ['two of a list, one after the other', 'init --with ai\t,ma', ['init', '--with', 'airflow,make']],
      ['two of a list after =', 'init --with=ai\t,ma', ['init', '--with=airflow,make']],
      ['a list and then a flag', 'init --with ai\t --siz', ['init', '--with', 'airflow', '--size']],
      ['a folder, and no file', 'backfill --out exp', ['backfill', '--out', 'exports']],
      ['a folder whose name has a space', '--workspace my', ['--workspace', 'my shop']],
      ['a file', 'pack --out rep', ['pack', '--out', 'report.html']],
      ['a file below a folder', 'dashboard --export my\\ shop/rep', ['dashboard', '--export', 'my shop/report.pdf']],
      ['nothing where it knows nothing', 'plan --tasks x', ['plan', '--tasks', 'x']],
    ])('%s: retail %s', async (_what, line, words) => {
      // Shells differ in whether the slash after a folder stays.
      expect((await session.complete(line)).map((word) => word.replace(/(.)\/$/, '$1'))).toEqual(words)
    })
  })
}
