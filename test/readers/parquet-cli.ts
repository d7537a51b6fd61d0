import { execFile } from 'node:child_process'
import path from 'node:path'
import { promisify } from 'node:util'
import { jarsOf } from '../peers/maven.ts'

const run = promisify(execFile)

/** What `parquet-cli check-stats` says of files, one line each. `python` has PySpark, whose jars hold Hadoop. */
export async function checkStats(python: string, files: readonly string[]): Promise<string[]> {
  const { stdout: spark } = await run(python, ['-c', 'import pyspark; print(pyspark.__path__[0])'])
  const classes = [path.join(await jarsOf('parquet-cli'), '*'), path.join(spark.trim(), 'jars/*')].join(path.delimiter)
  const { stdout } = await run(
    'java',
    ['-Dlog4j2.level=INFO', '-cp', classes, 'org.apache.parquet.cli.Main', 'check-stats', ...files],
    { maxBuffer: 1 << 24 },
  )
  return stdout.split('\n').flatMap((line) => /cli\.Main - (.*)$/.exec(line)?.slice(1) ?? [])
}
