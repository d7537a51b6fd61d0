import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs'
import path from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)
const cache = path.resolve(import.meta.dirname, '../../node_modules/.cache')
const jars = path.join(cache, 'retail-parquet-cli-1.15.2')

/** Copies parquet-cli from Maven Central, once. */
async function install(): Promise<void> {
  if (existsSync(jars)) return
  mkdirSync(cache, { recursive: true })
  const folder = mkdtempSync(path.join(cache, '.making-'))
  const pom = path.join(import.meta.dirname, 'parquet-cli.xml')
  try {
    await run('mvn', ['-B', '-q', '-C', '-f', pom, `-DoutputDirectory=${folder}`])
    renameSync(folder, jars)
  } catch (error) {
    rmSync(folder, { recursive: true, force: true })
    throw error
  }
}

/** What `parquet-cli check-stats` says of files, one line each. `python` has PySpark, whose jars hold Hadoop. */
export async function checkStats(python: string, files: readonly string[]): Promise<string[]> {
  await install()
  const { stdout: spark } = await run(python, ['-c', 'import pyspark; print(pyspark.__path__[0])'])
  const classes = [path.join(jars, '*'), path.join(spark.trim(), 'jars/*')].join(path.delimiter)
  const { stdout } = await run(
    'java',
    ['-Dlog4j2.level=INFO', '-cp', classes, 'org.apache.parquet.cli.Main', 'check-stats', ...files],
    { maxBuffer: 1 << 24 },
  )
  return stdout.split('\n').flatMap((line) => /cli\.Main - (.*)$/.exec(line)?.slice(1) ?? [])
}
