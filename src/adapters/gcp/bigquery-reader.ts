import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { BigQuery } from '@google-cloud/bigquery'
import type { Answer, Reader, Row, Statement } from '../../ports/index.ts'
import type { Cloud } from './clients.ts'
import { callErrorOf, explainCloudError, isTransient, retrySite, within } from './retry.ts'

const CALL_MS = 60_000
/** Of one query; BigQuery stops it then. */
const QUERY_MS = 15 * 60_000
const PATIENCE_MS = 15 * 60_000

export interface BigQueryReader extends Reader {
  /** bytes that were billed for the queries so far */
  billedBytes(): number
  /** A statement with bound parameters, and what it cost. On abort it is given up. */
  ask(statement: Statement, signal?: AbortSignal): Promise<Answer>
}

/**
 * Queries, each of them with a limit on what it may cost. `raw.`, `staging.` and `marts.` stand for the datasets of this workspace.
 * A kept query is no table, since nothing may be written here: it runs again wherever its name is used.
 */
export function bigqueryReader(bigquery: BigQuery, { gcp, names }: Pick<Cloud, 'gcp' | 'names'>): BigQueryReader {
  const kept = new Map<string, string>()
  const site = retrySite({ patienceMs: PATIENCE_MS })
  let billed = 0

  function resolved(sql: string): string {
    const text = sql.replace(
      /\b(raw|staging|marts)\.(\w+)/g,
      (_, layer: 'raw' | 'staging' | 'marts', table: string) => `\`${gcp.project}.${names.datasets[layer]}.${table}\``,
    )
    const used = [...kept].filter(([name]) => new RegExp(`\\b${name}\\b`).test(text))
    if (used.length === 0) return text
    return `WITH ${used.map(([name, query]) => `${name} AS (${query})`).join(', ')}\n${text}`
  }

  async function run(query: string, params?: Statement['parameters'], signal?: AbortSignal): Promise<Answer> {
    // One id for all tries, so that a query whose answer was lost is not paid twice.
    const jobId = `retail_${randomUUID()}`
    const options = {
      query,
      params,
      jobId,
      location: gcp.location,
      maximumBytesBilled: String(gcp.max_bytes_billed),
      jobTimeoutMs: QUERY_MS,
      labels: { tool: 'retail' },
    }
    await site.run(async () => {
      try {
        await within(CALL_MS, 'asking BigQuery', bigquery.createQueryJob(options))
      } catch (error) {
        if (callErrorOf(error).code !== 409) throw error
      }
    }, isTransient)
    let bytesBilled = 0
    const job = bigquery.job(jobId, { location: gcp.location })
    for (let wait = 50; ; wait = Math.min(3_000, wait * 1.5)) {
      const [{ status, statistics }] = await site.run(
        () => within(CALL_MS, 'waiting for BigQuery', job.getMetadata()),
        isTransient,
      )
      if (status?.state === 'DONE') {
        bytesBilled = Number(statistics?.query?.totalBytesBilled ?? 0)
        billed += bytesBilled
        break
      }
      if (signal?.aborted) await job.cancel().catch(() => {})
      signal?.throwIfAborted()
      await sleep(wait)
    }
    const [rows] = await site.run(
      () => within(QUERY_MS, 'reading from BigQuery', job.getQueryResults({ wrapIntegers: true })),
      isTransient,
    )
    return { rows: rows.map(plain), bytesBilled }
  }

  async function explained<T>(layer: 'raw' | 'marts', work: () => Promise<T>): Promise<T> {
    try {
      return await work()
    } catch (error) {
      throw explainCloudError(error, `querying ${gcp.project}.${names.datasets[layer]}`)
    }
  }

  return {
    dialect: 'bigquery',
    query: async <R extends Row>(sql: string) =>
      explained('raw', async () => (await run(resolved(own(sql)))).rows as R[]),
    ask({ sql, parameters }, signal) {
      const named = new Set([...sql.matchAll(/@(\w+)/g)].map(([, name]) => name))
      const bound = Object.fromEntries(Object.entries(parameters).filter(([name]) => named.has(name)))
      return explained('marts', () => run(resolved(sql), bound, signal))
    },
    async keep(name, sql) {
      kept.set(name, resolved(own(sql)))
    },
    billedBytes: () => billed,
    async [Symbol.asyncDispose]() {},
  }
}

/** Statements are written with DuckDB's quotes and types (truth/sql.ts); none of them has these words in a text. */
const own = (sql: string): string =>
  sql
    .replace(/"(\w+)"/g, '`$1`')
    .replace(/\bVARCHAR\b/g, 'STRING')
    .replace(/\bBIGINT\b/g, 'INT64')

/** The client wraps what JavaScript has no type for: dates, decimals and 64-bit integers. */
const plain = (row: Record<string, unknown>): Row =>
  Object.fromEntries(Object.entries(row).map(([name, value]) => [name, plainCell(value)]))

function plainCell(value: unknown): Row[string] {
  if (value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean')
    return value
  const wrapped = value as { type?: string; value?: string }
  if (wrapped.type === 'BigQueryInt') return BigInt(wrapped.value as string)
  return String(wrapped.value ?? value)
}
