import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { BigQuery } from '@google-cloud/bigquery'
import { type Answer, compileStatement, type Reader, type Row, type Statement } from '../../ports/index.ts'
import { bigqueryDialect } from './bigquery-dialect.ts'
import type { Cloud } from './clients.ts'
import { callErrorOf, explainCloudError, isTransient, retrySite, within } from './retry.ts'

const CALL_MS = 60_000
/** Timeout of one query; BigQuery stops it then. */
const QUERY_MS = 15 * 60_000
const PATIENCE_MS = 15 * 60_000

export interface BigQueryReader extends Reader {
  /** Bytes billed for all queries so far. */
  billedBytes(): number
  /** Runs a statement with bound parameters and returns its rows and cost. An abort cancels it. */
  ask(statement: Statement, signal?: AbortSignal): Promise<Answer>
}

/**
 * Runs queries with a limit on the cost of each. A kept query is not a table, because this must not write anything: it
 * runs again wherever it is used.
 */
export function bigqueryReader(bigquery: BigQuery, { gcp, names }: Pick<Cloud, 'gcp' | 'names'>): BigQueryReader {
  const dialect = bigqueryDialect(gcp.project, names.datasets)
  const site = retrySite({ patienceMs: PATIENCE_MS })
  let billed = 0

  async function run(query: string, params?: Statement['parameters'], signal?: AbortSignal): Promise<Answer> {
    // One id for all attempts, so that a query whose response was lost is not billed twice.
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
        await within(CALL_MS, 'querying BigQuery', bigquery.createQueryJob(options))
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
      // A job that cannot be canceled ends by itself.
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
    dialect,
    query: async <R extends Row>(sql: string) => explained('raw', async () => (await run(sql)).rows as R[]),
    ask(statement, signal) {
      const { text, values } = compileStatement(statement, dialect)
      return explained('marts', () => run(text, values, signal))
    },
    keep: async (name, sql) => `(${sql}) AS ${name}`,
    billedBytes: () => billed,
    async [Symbol.asyncDispose]() {},
  }
}

/** Unwraps the client's types for values that JavaScript lacks: dates, decimals, and 64-bit integers. */
const plain = (row: Record<string, unknown>): Row =>
  Object.fromEntries(Object.entries(row).map(([name, value]) => [name, plainCell(value)]))

function plainCell(value: unknown): Row[string] {
  if (value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean')
    return value
  const wrapped = value as { type?: string; value?: string }
  if (wrapped.type === 'BigQueryInt') return BigInt(wrapped.value as string)
  return String(wrapped.value ?? value)
}
