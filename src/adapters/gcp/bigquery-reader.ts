import type { BigQuery } from '@google-cloud/bigquery'
import { advise, retail } from '../../advice.ts'
import { RetailError } from '../../errors.ts'
import { type Answer, compileStatement, type Reader, type Row, type Statement } from '../../ports/index.ts'
import { bigqueryDialect } from './bigquery-dialect.ts'
import type { Cloud } from './clients.ts'
import { jobsOf, type QueryJob } from './query-jobs.ts'
import { callErrorOf, explainCloudError } from './retry.ts'

/** A table that an older version created. */
const UNKNOWN_COLUMN = /Unrecognized name|Name \w+ not found inside/

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
  const jobs = jobsOf(bigquery, { gcp })
  let billed = 0

  async function run(job: QueryJob): Promise<Answer> {
    const { bytesBilled, rows } = await jobs.query(job)
    billed += bytesBilled
    return { rows: (await rows()).map(plain), bytesBilled }
  }

  async function explained<T>(layer: 'raw' | 'marts', work: () => Promise<T>): Promise<T> {
    try {
      return await work()
    } catch (error) {
      const { message } = callErrorOf(error)
      if (UNKNOWN_COLUMN.test(message))
        throw new RetailError(
          'failed',
          `the columns of ${gcp.project}.${names.datasets[layer]} do not match this version`,
          {
            why: message.split('\n')[0],
            hint: advise`see the differences with ${retail('infra', 'plan')}, and make them with ${retail('infra', 'apply')}`,
            cause: error,
          },
        )
      throw explainCloudError(error, `querying ${gcp.project}.${names.datasets[layer]}`)
    }
  }

  return {
    dialect,
    query: async <R extends Row>(sql: string) => explained('raw', async () => (await run({ query: sql })).rows as R[]),
    ask(statement, signal) {
      const { text, values } = compileStatement(statement, dialect)
      return explained('marts', () => run({ query: text, params: values, signal }))
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
