// Runs one case after another in this process, each on the same workspace, put back before it, and prints a line of JSON for every
// command. Its parent tells a hang by the silence, and a crash by the end of the lines.
import { execFileSync } from 'node:child_process'
import { mkdtempSync } from 'node:fs'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { retail, say } from '../in-process.mjs'
import { damage } from './damage.mjs'

const [shop, other, work] = process.argv.slice(2)
const place = mkdtempSync(path.join(work, 'driver-'))
const [mine, sound] = ['mine', 'sound'].map((name) => path.join(place, name))

/** With its second names (hard links), at the path that its views name. */
function putBack(from, to) {
  execFileSync('sh', [
    '-c',
    'if [ -e "$2" ]; then chmod -R u+rwX "$2"; rm -rf "$2"; fi; cp -a "$1" "$2"',
    'sh',
    from,
    to,
  ])
}

putBack(shop, mine)
// A copied workspace reads the original's lake until a command writes.
await retail(mine, 'backfill')
// It has swept the mark of a reader that died.
putBack(path.join(shop, '.retail/readers'), path.join(mine, '.retail/readers'))
putBack(mine, sound)

for await (const text of createInterface({ input: process.stdin })) {
  const { id, pattern, mutation, at, lines } = JSON.parse(text)
  putBack(sound, mine)
  damage(mine, other, pattern, mutation, at)
  for (const line of lines) {
    say({ id, starts: line })
    say({ id, line, ...(await retail(mine, line)) })
  }
  say({ id, done: true })
}
