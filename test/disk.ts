import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { onTestFinished } from 'vitest'
import { bin } from './tool.ts'

/** Runs a shell script that may mount: in a mount namespace of its own, so nothing is left behind. Its `$RETAIL` is the built tool. */
export function inOwnMounts(script: string): string {
  const { stdout, stderr, status } = spawnSync('unshare', ['--map-root-user', '--mount', 'sh', '-c', script], {
    encoding: 'utf8',
    env: { ...process.env, NO_COLOR: '1', RETAIL: `${process.execPath} ${bin}` },
  })
  if (status !== 0) throw new Error(`the script failed (${status}): ${stderr}`)
  return stdout
}

/** A folder, and one in it to mount on. */
export function mountPoint(): { outside: string; inside: string } {
  const outside = mkdtempSync(path.join(tmpdir(), 'retail-'))
  onTestFinished(() => rmSync(outside, { recursive: true, force: true }))
  const inside = path.join(outside, 'mounted')
  mkdirSync(inside)
  return { outside, inside }
}
