import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { homedir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'

/** A folder with the jars of a pom in this folder; in a cache, made once. Fails if Maven or Java is missing. */
export async function jarsOf(name: 'kafka' | 'flink' | 'spark' | 'parquet-cli'): Promise<string> {
  const pom = path.join(import.meta.dirname, name, 'pom.xml')
  const cache =
    process.env.RETAIL_PEERS_CACHE ?? path.join(process.env.XDG_CACHE_HOME ?? `${homedir()}/.cache`, 'retail-peers')
  const lib = path.join(cache, `${name}-${createHash('sha256').update(readFileSync(pom)).digest('hex').slice(0, 12)}`)
  if (existsSync(lib)) return lib
  mkdirSync(cache, { recursive: true })
  const making = mkdtempSync(path.join(cache, '.making.'))
  await promisify(execFile)('mvn', [
    ...['-q', '-B', '-f', pom, 'dependency:copy-dependencies', '-DincludeScope=runtime', `-DoutputDirectory=${making}`],
  ])
  try {
    renameSync(making, lib)
  } catch {
    // Another process was faster.
    rmSync(making, { recursive: true, force: true })
  }
  return lib
}
