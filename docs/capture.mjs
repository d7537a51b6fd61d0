import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'

/**
 * Runs every `$ …` line of README.md's console blocks, in order, and puts what it prints under it. Home is a fresh folder, so that
 * no path of this machine gets into the text; a command that fails on purpose shows its exit code.
 */
const root = path.resolve(import.meta.dirname, '..')
const home = realpathSync(mkdtempSync(path.join(os.tmpdir(), 'retail-tour-')))
mkdirSync(path.join(home, '.bin'))
symlinkSync(path.join(root, 'bin/retail.js'), path.join(home, '.bin/retail'))
const env = {
  ...process.env,
  NO_COLOR: '1',
  PATH: `${path.join(home, '.bin')}:${process.env.PATH}`,
  RETAIL_PYTHON_HOME: path.join(root, 'node_modules/.cache/retail-python'),
}
let folder = home

function capture(line) {
  process.stderr.write(`$ ${line}\n`)
  // The folder is kept for the next line.
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

const file = path.join(root, 'README.md')
const filled = readFileSync(file, 'utf8').replaceAll(/(```console\n)([\s\S]*?)(\n```)/g, (_, open, block, close) => {
  const commands = block.split('\n').filter((line) => line.startsWith('$ '))
  return open + commands.flatMap((line) => capture(line.slice(2))).join('\n') + close
})
writeFileSync(file, filled)
rmSync(home, { recursive: true, force: true })
