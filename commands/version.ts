import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { arch, platform } from 'node:os'
import type { Io } from './io.ts'

/** Answered before anything is parsed: it has to work when nothing else does. */
export function asksVersion(argv: readonly string[]): boolean {
  const end = argv.indexOf('--')
  return argv.slice(0, end < 0 ? undefined : end).some((word) => word === '--version' || word === '-V')
}

export function printVersion(io: Io, argv: readonly string[]): void {
  if (!argv.includes('--json')) {
    io.stdout.write(`retail ${ownVersion()}\n`)
    return
  }
  const versions = {
    retail: ownVersion(),
    node: process.versions.node,
    platform: `${platform()} ${arch()}`,
    duckdb: versionOf('@duckdb/node-api'),
  }
  io.stdout.write(`${JSON.stringify(versions, null, 2)}\n`)
}

/** package.json stands one folder above the sources and two above what is built. */
function ownVersion(): string {
  for (const above of ['../package.json', '../../package.json'])
    try {
      return JSON.parse(readFileSync(new URL(above, import.meta.url), 'utf8')).version
    } catch {}
  return 'unknown'
}

function versionOf(dependency: string): string {
  try {
    return createRequire(import.meta.url)(`${dependency}/package.json`).version
  } catch {
    return 'not installed'
  }
}
