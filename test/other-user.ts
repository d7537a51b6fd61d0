import { execFileSync, spawnSync } from 'node:child_process'
import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

const checkout = path.resolve(import.meta.dirname, '..')

/** Root may read and write everything, so it becomes somebody else; whoever else runs the tests stays. */
export const otherUser: { uid?: number; gid?: number } = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {}

/**
 * The checkout as that user can reach it: only its owner enters a home, or a folder of `mktemp -d`, so there it is a
 * folder of links to the same files.
 */
export function checkoutOfOther(): { checkout: string; remove: () => void } {
  const isReachable = spawnSync('test', ['-r', path.join(checkout, 'bin/retail.js')], otherUser).status === 0
  if (otherUser.uid === undefined || isReachable) return { checkout, remove: () => {} }
  const links = mkdtempSync(path.join(tmpdir(), 'retail-checkout-'))
  chmodSync(links, 0o755)
  // Without what is hidden: the repository, and the caches of tests, which are large.
  const script = `set -e
for mode in -al -a; do
  mkdir -p "$0/node_modules"
  ls | grep -vx node_modules | xargs -I{} cp $mode {} "$0" && cp $mode node_modules/[!.]* "$0/node_modules" && exit 0
  rm -rf "$0"/*
done
exit 1`
  execFileSync('sh', ['-c', script, links], { cwd: checkout, stdio: ['ignore', 'ignore', 'pipe'] })
  return { checkout: links, remove: () => rmSync(links, { recursive: true, force: true }) }
}
