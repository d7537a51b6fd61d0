import { execFile } from 'node:child_process'
import { chmodSync, cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type KafkaBroker, startKafka } from '../peers/kafka.ts'
import { jarsOf } from '../peers/maven.ts'
import { type PostgresServer, startPostgres } from '../peers/postgres.ts'
import { freshFolder } from '../tool.ts'
import { engine, RETAIL_BIN } from './python.ts'

const root = path.resolve(import.meta.dirname, '../..')
const [, walk] = /\n## Try it on pipelines that are not ours\n(.*?)\n## /s.exec(
  readFileSync(path.join(root, 'docs/grade.md'), 'utf8'),
)!
/** The commands of a part of the walk. */
const commandsOf = (title: string): string =>
  new RegExp(`### ${title}\n.*?\`\`\`sh\n(.*?)\`\`\``, 's').exec(`### \n${walk}`)![1]
/** What docs/grade.md promises that a naive pipeline hears. */
const PROMISED = [...walk.matchAll(/^\|[^|]*\| `(\S+)` \| `(.*)` \|$/gm)].map(([, name, said]) => [name, said] as const)

let server: PostgresServer
let broker: KafkaBroker
let folder: string
/** What the documented addresses are here. */
let here: Record<string, string>
let env: NodeJS.ProcessEnv

/** Programs that a reader of the walk has on the PATH. */
async function programs(at: string): Promise<void> {
  const [dbt, spark] = await Promise.all([
    engine('dbt/requirements.lock'),
    engine('templates/spark/spark/requirements.lock'),
  ])
  const [sparkJars, flinkJars] = [await jarsOf('spark'), await jarsOf('flink')]
  const jars = readdirSync(sparkJars).map((name) => path.join(sparkJars, name))
  const opens = ['net', 'lang', 'io', 'nio', 'util', 'time', 'lang.reflect', 'util.concurrent']
  const scripts: Record<string, string> = {
    // Notes how each grade ends, and ends well: the walk continues.
    retail: `if [ "$1" != grade ]; then exec ${RETAIL_BIN} "$@"; fi
${RETAIL_BIN} "$@" --json > said.json; code=$?; mkdir -p graded; mv said.json graded/$(ls graded | wc -l).$code.json`,
    npm: `echo ${at}/global`,
    // Scripts of an environment know where it was made, not where it is.
    dbt: `exec ${dbt} ${path.join(path.dirname(dbt), 'dbt')} "$@"`,
    python3: `exec ${dbt} "$@"`,
    // The packages are in a cache already.
    'spark-submit': `shift 2; export SPARK_HOME=$(${spark} -c 'import pyspark; print(pyspark.__path__[0])'); exec $SPARK_HOME/bin/spark-submit --master 'local[2]' --conf spark.ui.enabled=false --jars ${jars.join(',')} "$@"`,
    'sql-client.sh': `exec java -Xmx1g ${opens.map((name) => `--add-opens=java.base/java.${name}=ALL-UNNAMED`).join(' ')} -cp '${flinkJars}/*' org.apache.flink.table.client.SqlClient "$@"`,
  }
  for (const [name, script] of Object.entries(scripts)) {
    writeFileSync(path.join(at, name), `#!/bin/sh\n${script}\n`)
    chmodSync(path.join(at, name), 0o755)
  }
  mkdirSync(path.join(at, 'flink'))
  writeFileSync(path.join(at, 'flink/config.yaml'), 'execution.target: local\nparallelism.default: 1\n')
  mkdirSync(path.join(at, 'global/retail-cli'), { recursive: true })
  cpSync(path.join(root, 'examples'), path.join(at, 'global/retail-cli/examples'), { recursive: true })
  env = {
    ...{ PATH: `${at}:${process.env.PATH}`, HOME: process.env.HOME, LANG: 'C.UTF-8', PYSPARK_PYTHON: spark },
    ...{ SPARK_LOCAL_IP: '127.0.0.1', FLINK_CONF_DIR: path.join(at, 'flink'), RETAIL_NO_INPUT: '1' },
    ...{ JDK_JAVA_OPTIONS: process.env.JDK_JAVA_OPTIONS, PGUSER: 'retail', PYTHONDONTWRITEBYTECODE: '1' },
  }
}

beforeAll(async () => {
  ;[server, broker] = await Promise.all([startPostgres(), startKafka()])
  folder = freshFolder(true)
  await programs(freshFolder(true))
  here = { 'postgres://localhost/shop': await server.newDatabase(), 'localhost:9092': broker.address }
  await run(/```sh\n(.*?)```/s.exec(walk)![1])
  for (const name of readdirSync(path.join(folder, 'pipelines/flink'))) {
    const file = path.join(folder, 'pipelines/flink', name)
    writeFileSync(file, placed(readFileSync(file, 'utf8')))
  }
})
afterAll(async () => {
  await Promise.all([server?.stop(), broker?.stop()])
})

const placed = (text: string): string =>
  Object.entries(here).reduce((of, [documented, address]) => of.replaceAll(documented, address), text)

async function run(commands: string): Promise<void> {
  await promisify(execFile)('bash', ['-euc', placed(commands)], { cwd: folder, env, maxBuffer: 1 << 26 })
}

interface Graded {
  of: string
  code: number
  text: string
}

/** Runs the commands of a part, and returns how each table was graded. */
async function graded(title: string): Promise<Graded[]> {
  const commands = commandsOf(title)
  const before = gradesIn().length
  await run(commands)
  const tables = [...commands.matchAll(/^retail grade --transactions (\S+)/gm)].map(([, table]) => table)
  const grades = gradesIn().slice(before)
  expect(grades.length).toBe(tables.length)
  return grades.map((each, i) => ({ of: tables[i], ...each }))
}

function gradesIn(): Omit<Graded, 'of'>[] {
  const at = path.join(folder, 'graded')
  return readdirSync(at)
    .sort((a, b) => Number.parseInt(a, 10) - Number.parseInt(b, 10))
    .map((name) => {
      const result = JSON.parse(readFileSync(path.join(at, name), 'utf8'))
      const lines = [...result.verdicts, ...result.tables.flatMap((table: { faults: object[] }) => table.faults)]
      return {
        code: Number(name.split('.')[1]),
        text: lines.map(({ name, sentence }) => (name ? `${name}: ${sentence}` : sentence)).join('\n'),
      }
    })
}

const promised = (name: string) => PROMISED.find(([each]) => each === name)![1]

test.each([
  [
    'dbt on DuckDB, and Python',
    {
      'duckdb:shop.duckdb:main.naive_sales': 'dbt/models/naive_sales.sql',
      'naive.ndjson': 'python/naive.py',
      'ttl.ndjson': 'python/ttl.py',
    },
  ],
  ['Corrections and deletions', { 'latest.ndjson': 'python/latest.py' }],
  ['PostgreSQL', { '$DB.shop.naive_sales': 'postgres/naive.sql' }],
  ['Kafka with Spark and Flink', { 'delta:spark/naive': 'spark/naive.py', 'flink-naive': 'flink/naive.sql' }],
] as [string, Record<string, string>][])(
  '%s: the naive ones fail for their reason, the right ones pass',
  async (title, naive) => {
    mkdirSync(path.join(folder, 'graded'), { recursive: true })
    const grades = await graded(title)
    for (const { of, code, text } of grades) {
      expect(code, `${of}\n${text}`).toBe(naive[of] === undefined ? 0 : 6)
      if (naive[of] !== undefined) expect(text).toContain(promised(naive[of]))
    }
    expect(grades.map(({ of }) => of)).toEqual(expect.arrayContaining(Object.keys(naive)))
  },
)
