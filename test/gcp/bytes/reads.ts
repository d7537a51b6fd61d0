import { execFile } from 'node:child_process'
import path from 'node:path'
import { promisify } from 'node:util'
import { publishedInstant } from '../../../src/tables/published.ts'
import type { PostedJob } from '../../peers/job-proxy.ts'
import { install } from '../../peers/peers.ts'
import type { Cloud } from '../cloud.ts'

/** A table that a job reads: the columns, and which partitions. */
export interface Read {
  job: string
  table: string
  /** `day`, `month`: only the changed ones. `all`: the table has no partitions, or the job reads all of them. */
  of: 'day' | 'month' | 'all'
  columns: string[]
}

interface Tables {
  [name: string]: { columns: string[]; partition?: string; unit?: string; days?: string[] }
}

const LAYERS = ['raw', 'staging', 'build', 'marts'] as const

/** What these jobs read of this project's tables, by Google's rules. `changed`: the days that differ. */
export async function readsOf(cloud: Cloud, jobs: readonly PostedJob[], changed: readonly string[]): Promise<Read[]> {
  const { BQ_PYTHON } = await install()
  const tables = await tablesOf(cloud, changed)
  const sql = jobs.map(({ query }) => shortNames(cloud, query))
  const child = promisify(execFile)(BQ_PYTHON, [path.join(import.meta.dirname, 'bill.py')], { maxBuffer: 1 << 26 })
  child.child.stdin!.end(JSON.stringify({ tables, jobs: sql }))
  const statements = JSON.parse((await child).stdout) as {
    table: string
    columns: string[]
    days: string[] | null
  }[][][]
  const months = changed.map((day) => day.slice(0, 7))
  const reads = statements.flatMap((job, i): Read[] =>
    job.flat().map(({ table, columns, days }) => ({
      job: nameOf(jobs[i]),
      table,
      of:
        days === null
          ? 'all'
          : days.every((day) => changed.includes(day))
            ? 'day'
            : days.every((day) => months.includes(day.slice(0, 7)))
              ? 'month'
              : 'all',
      columns,
    })),
  )
  const key = ({ job, table }: Read) => `${job} ${table}`
  return reads.sort((a, b) => (key(a) < key(b) ? -1 : 1))
}

/** `raw.transactions` for each of its spellings. */
const shortNames = ({ names, bigquery }: Cloud, query: string): string =>
  LAYERS.reduce(
    (text, layer) =>
      text.replaceAll(
        new RegExp(`\`?(${bigquery.projectId}\`?\\.\`?)?${names.datasets[layer]}\`?\\.\`?(\\w+)\`?`, 'g'),
        `${layer}.$2`,
      ),
    query,
  )

/** dbt names its node in a comment before the statement. */
const nameOf = ({ query }: PostedJob): string =>
  /"node_id": "\w+\.retail\.(\w+)/.exec(query)?.[1] ??
  (query.startsWith('begin transaction') ? 'publish' : query.startsWith('create') ? 'view' : 'ledger')

/** Statements as a person reads them. Those of the ledger name instants that depend on the speed of the machine. */
export const readable = (cloud: Cloud, jobs: readonly PostedJob[]): string =>
  jobs
    .filter((job) => !['ledger', 'publish'].includes(nameOf(job)))
    .map((job) => {
      const text = shortNames(cloud, job.query).replaceAll(/\/\*[\s\S]*?\*\//g, '')
      const lines = text.split('\n').filter((line) => line.trim() !== '' && !line.trim().startsWith('--'))
      return `-- ${nameOf(job)}\n${lines.map((line) => line.trimEnd()).join('\n')}\n`
    })
    .sort()
    .join('\n')

/** Every table, with the partitions of three months, so that a month is not all of it. */
async function tablesOf(cloud: Cloud, changed: readonly string[]): Promise<Tables> {
  const last = Date.parse(changed[changed.length - 1])
  const days = Array.from({ length: 90 }, (_, i) => new Date(last - i * 86_400_000).toISOString().slice(0, 10))
  const found: Tables = {}
  for (const layer of LAYERS) {
    const [tables] = await cloud.bigquery.dataset(cloud.names.datasets[layer]).getTables()
    for (const table of tables) {
      const [{ schema, timePartitioning }] = await table.getMetadata()
      const columns = (schema?.fields ?? []).map(({ name }: { name: string }) => name)
      const partitions = timePartitioning?.field && {
        partition: timePartitioning.field,
        unit: timePartitioning.type.toLowerCase(),
        days: timePartitioning.type === 'MONTH' ? days.filter((day) => day.endsWith('-01')) : days,
      }
      found[`${layer}.${table.id}`] = { columns, ...partitions }
    }
  }
  found[`marts.${publishedInstant.name}`] ??= { columns: publishedInstant.fields.map(({ name }) => name) }
  return found
}
