import { readFileSync } from 'node:fs'
import type { Io } from './io.ts'

export async function printVersion(io: Io, argv: readonly string[]): Promise<number> {
  const retail = ownVersion()
  if (!argv.includes('--json')) {
    io.stdout.write(`retail ${retail}\n`)
    return 0
  }
  const { platform, arch, versions } = process
  const all = {
    retail,
    node: versions.node,
    platform: `${platform} ${arch}`,
    duckdb: await versionOf('@duckdb/node-api'),
  }
  io.stdout.write(`${JSON.stringify(all, null, 2)}\n`)
  return 0
}

/** package.json stands one folder above the sources and two above what is built. */
function ownVersion(): string {
  for (const above of ['../package.json', '../../package.json'])
    try {
      return JSON.parse(readFileSync(new URL(above, import.meta.url), 'utf8')).version
    } catch {}
  return 'unknown'
}

/** Read off its package.json: loading it would take a hundred times as long. */
async function versionOf(dependency: string): Promise<string> {
  const { createRequire } = await import('node:module')
  try {
    return createRequire(import.meta.url)(`${dependency}/package.json`).version
  } catch {
    return 'not installed'
  }
}
