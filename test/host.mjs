// Runs command lines of the built tool, one after another, in one process that stays: loading the tool and DuckDB costs more than most of
// what tests ask for. `retail` in tool.ts starts it; whatever is about a process itself (signals, kills, threads' options) uses `start`.

import { tmpdir } from 'node:os'
import path from 'node:path'
import { begin, dist } from './in-process.mjs'

const { launcherOf } = await import(path.join(dist, 'commands/launcher.js'))
const script = path.join(dist, '../bin/retail.js')

process.on('message', async ({ argv, cwd, env }) => {
  for (const name of Object.keys(process.env)) if (!(name in env)) delete process.env[name]
  Object.assign(process.env, env)
  process.chdir(cwd)
  // Whoever exits leaves work behind that must not reach the next command: this process goes, too.
  let exit
  const exited = new Promise((resolve) => {
    exit = (code) => resolve({ code, last: true })
  })
  const { ended, said } = begin(argv, { exit, launcher: () => launcherOf({ script, cwd: process.cwd(), env }) })
  const { code, last } = await Promise.race([ended.then((code) => ({ code, last: false })), exited])
  process.chdir(tmpdir())
  process.send({ code, signal: null, ...said(), last }, () => last && process.exit())
})
process.on('disconnect', () => process.exit())
process.send('ready')
