import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'

/**
 * Runs every `$ …` line in the console blocks of the README and the tutorial, in order, and writes its output below it. Each page starts
 * in a fresh home folder, so no path of this machine reaches the text. A command that fails on purpose shows its exit code.
 */
const root = path.resolve(import.meta.dirname, '..')
let home
let env
let folder

function moveIn() {
  home = realpathSync(mkdtempSync(path.join(os.tmpdir(), 'retail-tour-')))
  mkdirSync(path.join(home, '.bin'))
  symlinkSync(path.join(root, 'bin/retail.js'), path.join(home, '.bin/retail'))
  env = {
    ...process.env,
    NO_COLOR: '1',
    PATH: `${path.join(home, '.bin')}:${process.env.PATH}`,
    RETAIL_PYTHON_HOME: path.join(root, 'node_modules/.cache/retail-python'),
  }
  folder = home
}

function capture(line) {
  process.stderr.write(`$ ${line}\n`)
  // The next line runs in the same folder.
  const script = `${line}; code=$?; pwd > "$0/.folder"; exit $code`
  const options = { cwd: folder, env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }
  let [said, code] = ['', 0]
  try {
    said = execFileSync('bash', ['-c', script, home], options)
  } catch (error) {
    ;[said, code] = [error.stdout, error.status]
  }
  folder = readFileSync(path.join(home, '.folder'), 'utf8').trim()
  const text = said.trimEnd().replaceAll(home, '~')
  return [`$ ${line}`, ...(text ? [text] : []), ...(code ? [`[exit ${code}]`] : [])]
}

for (const page of ['README.md', 'docs/tutorial.md']) {
  moveIn()
  const file = path.join(root, page)
  const filled = readFileSync(file, 'utf8').replaceAll(/(```console\n)([\s\S]*?)(\n```)/g, (_, open, block, close) => {
    const commands = block.split('\n').filter((line) => line.startsWith('$ '))
    return open + commands.flatMap((line) => capture(line.slice(2))).join('\n') + close
  })
  writeFileSync(file, filled)
  rmSync(home, { recursive: true, force: true })
}
