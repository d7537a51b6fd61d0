import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { onTestFinished } from 'vitest'
import { openDatabase } from '../../src/adapters/local/duckdb.ts'
import { jarsOf } from '../peers/maven.ts'
import { testEnvironment } from '../python-env.ts'

/** The rows of a table, and a hash of them all. */
export type Digest = { rows: number; hash: string }
type Reader = 'delta_rs' | 'polars' | 'spark'

/** delta-rs, Polars, and if asked Spark in one process, as delta.py describes it. Resolves to what its answer says. */
export async function openReaders(withSpark: boolean): Promise<{
  lake(folder: string): Promise<Record<string, Record<Reader, Digest>>>
  table(folder: string): Promise<{ n: number; ids: number }[]>
}> {
  const python = await testEnvironment(path.join(import.meta.dirname, 'requirements.lock'))
  const folder = withSpark ? await jarsOf('spark') : ''
  const jars = withSpark ? readdirSync(folder).filter((name) => name.startsWith('delta-')) : []
  const child = spawn(python, [
    path.join(import.meta.dirname, 'delta.py'),
    jars.map((name) => path.join(folder, name)).join(),
  ])
  onTestFinished(() => void child.stdin.end())
  let said = ''
  child.stderr.on('data', (chunk) => (said += chunk))
  const lines = createInterface({ input: child.stdout })
  const gone = once(child, 'exit').then(([code]) => Promise.reject(new Error(`delta.py: exit ${code}\n${said}`)))
  gone.catch(() => {})
  async function ask<T>(place: string): Promise<T> {
    const answer = once(lines, 'line') as Promise<[string]>
    child.stdin.write(`${place}\n`)
    return JSON.parse((await Promise.race([answer, gone]))[0])
  }
  return { lake: ask, table: ask }
}

const tables = ['product', 'store', 'transactions', 'inventories'] as const

/** What raw of a local workspace says, in the form of delta.py. */
export async function rawDigests(folder: string): Promise<Record<string, Digest>> {
  await using database = await openDatabase(path.join(folder, 'retail.duckdb'), { readOnly: true, threads: 1 })
  const seen: Record<string, Digest> = {}
  for (const table of tables) {
    const rows = await database.query<{ line: string }>(`SELECT concat_ws('|', *COLUMNS(*)) AS line FROM raw.${table}`)
    const lines = rows.map(({ line }) => line).sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
    seen[table] = { rows: lines.length, hash: createHash('sha256').update(lines.join('\n')).digest('hex') }
  }
  return seen
}
