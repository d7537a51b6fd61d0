import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { commandsShown, type Shown } from './documents/blocks.ts'
import { type Exception, PAGES } from './documents/plan.ts'
import { freshFolder, pythonHome, retail, toolPath } from './tool.ts'

const root = path.resolve(import.meta.dirname, '..')
const pages = ['README.md', ...readdirSync(path.join(root, 'docs')).filter((name) => name.endsWith('.md'))]
  .map((name) => (name === 'README.md' ? name : `docs/${name}`))
  .map((file) => ({ file, shown: commandsShown(readFileSync(path.join(root, file), 'utf8')) }))

const is = (exception: Exception, { block, command }: Shown) =>
  'block' in exception ? block >= exception.block : command.startsWith(exception.line)

test('every page with commands has a plan, and every exception of a plan is about a command', () => {
  expect(PAGES.map(({ file }) => file).sort()).toEqual(
    pages.filter(({ shown }) => shown.length > 0).map(({ file }) => file),
  )
  for (const { file, exceptions = [] } of PAGES) {
    const { shown } = pages.find((page) => page.file === file)!
    for (const exception of exceptions)
      expect(
        shown.some((each) => is(exception, each)),
        `${file}: ${JSON.stringify(exception)}`,
      ).toBe(true)
  }
})

/** The programs of the reader that no page names: a pipeline, a consumer, a browser. */
const PROGRAMS = {
  duckdb: `exec ${process.execPath} ${path.join(root, 'test/documents/duckdb.mjs')} "$@"`,
  'your-consumer': 'head -1; exec cat > /dev/null',
  'your-pipeline': `[ $# -eq 2 ] || exec python3 ${path.join(root, 'examples/pipelines/python/right.py')} "$@"
mkdir -p $2 && duckdb "COPY (FROM '$1transactions/**/*.csv') TO '$2/all.parquet'"`,
  'xdg-open': 'exit 0',
}

const [shop, home] = [freshFolder(true), freshFolder(true)]
const WORLD = '--stores 3 --products 20 --lines-per-store-day 20 --from 2024-01-01 --to 2024-03-31'
const programs = path.join(home, '.programs')
beforeAll(async () => {
  mkdirSync(programs)
  for (const [name, script] of Object.entries(PROGRAMS))
    writeFileSync(path.join(programs, name), `#!/bin/bash\n${script}\n`, { mode: 0o755 })
  for (const line of [`init --yes ${WORLD}`, 'seed-dims', 'backfill'])
    expect(await retail(shop, line)).toMatchObject({ code: 0 })
})
afterAll(() => {
  for (const folder of [shop, home]) rmSync(folder, { recursive: true, force: true })
})

describe.each(PAGES)('$file', ({ file, in: place, exceptions = [] }) => {
  const { shown } = pages.find((page) => page.file === file)!
  const of = (each: Shown) => exceptions.find((exception) => is(exception, each))
  const run = shown.filter((each) => !isLeftOut(of(each)))
  test.skipIf(run.length === 0)(`${run.length} of its ${shown.length} commands run as typed`, async () => {
    let folder = place === 'shop' ? shop : mkdtempSync(path.join(home, 'page-'))
    for (const each of run) {
      const exception = of(each)
      if (exception && 'first' in exception) expect(await typed(exception.first, folder)).toMatchObject({ code: 0 })
      const stop = exception && 'stop' in exception ? exception.stop : undefined
      const { code, text, cwd } = await typed(each.command, folder, stop)
      if (stop) expect(text, each.command).toMatch(stop)
      else expect(code, `$ ${each.command}\n${text}`).toBe(each.code)
      folder = cwd
    }
  })
})

const isLeftOut = (exception: Exception | undefined): boolean => exception !== undefined && 'why' in exception

/** Runs a command in bash, and reads where it has gone. `stop`: Ctrl-C as soon as it has said this. */
async function typed(
  command: string,
  folder: string,
  stop?: RegExp,
): Promise<{ code: number | null; text: string; cwd: string }> {
  const script = `set -o pipefail\n${command}\ncode=$?; pwd > ${home}/.folder; exit $code`
  const env = {
    ...process.env,
    ...{ PATH: `${programs}${path.delimiter}${toolPath}`, RETAIL_PYTHON_HOME: pythonHome },
    ...{ NO_COLOR: '1', RETAIL_NO_INPUT: '1' },
  }
  // A group of its own, as in a terminal: Ctrl-C reaches all of it.
  const child = spawn('bash', ['-c', script], { cwd: folder, env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] })
  let [text, isStopped] = ['', false]
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk) => {
      text += chunk
      if (isStopped || !stop?.test(text)) return
      isStopped = true
      process.kill(-child.pid!, 'SIGINT')
    })
  const [code] = await once(child, 'close')
  return { code: code as number | null, text, cwd: isStopped ? folder : readFileSync(`${home}/.folder`, 'utf8').trim() }
}
