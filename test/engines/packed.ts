import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { onTestFinished } from 'vitest'

export interface Ended {
  code: number | null
  stdout: string
  stderr: string
  /** both, as they came */
  text: string
}

/** Starts a program in a process group of its own; `ended` resolves with its exit code and what it said. */
export function begin(cwd: string, file: string, args: readonly string[], env: NodeJS.ProcessEnv = {}) {
  const child = spawn(file, args, {
    cwd,
    detached: true,
    env: { ...process.env, NO_COLOR: '1', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const said = { stdout: '', stderr: '', text: '' }
  for (const name of ['stdout', 'stderr'] as const)
    child[name].on('data', (chunk) => {
      said[name] += chunk
      said.text += chunk
    })
  const ended = once(child, 'close').then(([code]): Ended => ({ code: code as number | null, ...said }))
  /** Ends it and what it started, and waits for that. */
  async function end(): Promise<void> {
    try {
      process.kill(-child.pid!, 'SIGTERM')
    } catch {}
    await ended
  }
  return Object.assign(child, { ended, said, end })
}

export const run = (cwd: string, file: string, args: readonly string[], env?: NodeJS.ProcessEnv): Promise<Ended> =>
  begin(cwd, file, args, env).ended

export function freshFolder(): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'retail-template-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** A folder for PATH with a program that only says how it was called, and ends well. */
export function fakeProgram(name: string): string {
  const folder = freshFolder()
  writeFileSync(path.join(folder, name), `#!/bin/sh\necho "${name} $*"\n`)
  chmodSync(path.join(folder, name), 0o755)
  return folder
}
