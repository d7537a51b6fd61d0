import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs'
import path from 'node:path'
import { promisify } from 'node:util'

const cache = path.resolve(import.meta.dirname, '../../node_modules/.cache')
const jars = path.join(cache, 'retail-readers-parquet-1.15.2-delta-4.0.0')

/** The folder of the jars of `jars.xml`, which is copied from Maven Central once. */
export async function readerJars(): Promise<string> {
  if (existsSync(jars)) return jars
  mkdirSync(cache, { recursive: true })
  const folder = mkdtempSync(path.join(cache, '.making-'))
  const pom = path.join(import.meta.dirname, 'jars.xml')
  try {
    await promisify(execFile)('mvn', ['-B', '-q', '-C', '-f', pom, `-DoutputDirectory=${folder}`])
    renameSync(folder, jars)
  } catch (error) {
    rmSync(folder, { recursive: true, force: true })
    // Another worker was faster.
    if (!existsSync(jars)) throw error
  }
  return jars
}
