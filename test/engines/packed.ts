import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, onTestFinished } from 'vitest'

const root = path.resolve(import.meta.dirname, '../..')

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

/** The package as it would be released, made in `into`; resolves with its file. */
export async function packInto(into: string): Promise<string> {
  const { version, files } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as {
    version: string
    files: string[]
  }
  const copy = path.join(into, '.copy')
  mkdirSync(copy, { recursive: true })
  for (const name of [...files, 'package.json'])
    cpSync(path.join(root, name), path.join(copy, name), { recursive: true })
  const packed = await run(copy, 'npm', ['pack', '--ignore-scripts', '--silent', '--pack-destination', into])
  expect(packed.code, packed.text).toBe(0)
  rmSync(copy, { recursive: true })
  return path.join(into, `retail-cli-${version}.tgz`)
}

/** A folder for PATH with a program that only says how it was called, and ends well. */
export function fakeProgram(name: string): string {
  const folder = freshFolder()
  writeFileSync(path.join(folder, name), `#!/bin/sh\necho "${name} $*"\n`)
  chmodSync(path.join(folder, name), 0o755)
  return folder
}
