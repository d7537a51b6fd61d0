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

/** Read from its package.json: importing the package would take a hundred times as long. */
async function versionOf(dependency: string): Promise<string> {
  const { createRequire } = await import('node:module')
  try {
    return createRequire(import.meta.url)(`${dependency}/package.json`).version
  } catch {
    // What cannot be loaded is not there to use.
    return 'not installed'
  }
}
