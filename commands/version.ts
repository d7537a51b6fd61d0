import { VERSION } from '../src/version.ts'
import type { Io } from './io.ts'

export async function printVersion(io: Io, argv: readonly string[]): Promise<number> {
  if (!argv.includes('--json')) {
    io.stdout.write(`retail ${VERSION}\n`)
    return 0
  }
  const { platform, arch, versions } = process
  const all = {
    retail: VERSION,
    node: versions.node,
    platform: `${platform} ${arch}`,
    duckdb: await versionOf('@duckdb/node-api'),
  }
  io.stdout.write(`${JSON.stringify(all, null, 2)}\n`)
  return 0
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
