import { execFileSync, spawnSync } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import path from 'node:path'

const DAMAGE = {
  'one bit': (file, _other, at) => {
    const bytes = readFileSync(file)
    bytes[Math.floor(bytes.length * at)] ^= 1 << (Math.floor(at * 997) % 8)
    writeFileSync(file, bytes)
  },
  cut: (file) => truncateSync(file, Math.floor(readFileSync(file).length * 0.6)),
  empty: (file) => truncateSync(file, 0),
  gone: (file) => rmSync(file),
  "another's": (file, other) => writeFileSync(file, readFileSync(other)),
  'a FIFO': (file) => {
    rmSync(file)
    execFileSync('mkfifo', [file])
  },
  'a folder': (file) => {
    rmSync(file)
    mkdirSync(file)
  },
  'a folder with content': (file) => {
    rmSync(file)
    mkdirSync(file)
    writeFileSync(path.join(file, 'kept.txt'), 'of somebody')
  },
  'a socket': (file) => {
    rmSync(file)
    // Node removes the socket of a server that it closes, so the process has to die; the path has a limit of 108 bytes.
    const bind =
      "require('node:net').createServer().listen(process.argv[1], () => process.kill(process.pid, 'SIGKILL'))"
    spawnSync(process.execPath, ['-e', bind, path.basename(file)], { cwd: path.dirname(file) })
  },
  unreadable: (file) => chmodSync(file, 0),
}

/** Damages a file of `shop`, the last of the pattern; `other` has the same one of another world. */
export function damage(shop, other, pattern, mutation, at) {
  const [file, another] = [find(shop, pattern), find(other, pattern)]
  if (file === undefined || another === undefined) throw new Error(`there is no ${pattern}`)
  DAMAGE[mutation](file, another, at)
}

/** The last file of a pattern with stars: of live batches the first is an empty one. */
function find(root, pattern) {
  let found = [root]
  for (const piece of pattern.split('/')) {
    const like = new RegExp(`^${piece.replaceAll('.', '\\.').replaceAll('*', '.*')}$`)
    found = found.flatMap((folder) =>
      piece.includes('*')
        ? readdirSync(folder)
            .filter((name) => like.test(name))
            .sort()
            .map((name) => path.join(folder, name))
        : [path.join(folder, piece)].filter(existsSync),
    )
  }
  return found.at(-1)
}
