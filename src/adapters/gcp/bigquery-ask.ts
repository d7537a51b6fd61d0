import type { BigQuery } from '@google-cloud/bigquery'
import { advise, retail } from '../../advice.ts'
import { RetailError } from '../../errors.ts'
import type { QueryAnswer, QueryCell, QueryColumn } from '../../ports/index.ts'
import { type QueryPlace, writingQuery, wrongQuery } from '../query-error.ts'
import type { Cloud } from './clients.ts'
import { type AnswerField, jobsOf } from './query-jobs.ts'
import { callErrorOf, explainCloudError } from './retry.ts'

const NUMBERS = ['INTEGER', 'INT64', 'FLOAT', 'FLOAT64', 'NUMERIC', 'BIGNUMERIC']

/**
 * Runs one statement that only reads, with the limit on cost of the workspace; a table that is named alone is one of the
 * marts.
 */
export async function askBigQuery(
  bigquery: BigQuery,
  { gcp, names }: Pick<Cloud, 'gcp' | 'names'>,
  sql: string,
  signal?: AbortSignal,
): Promise<QueryAnswer> {
  const jobs = jobsOf(bigquery, { gcp })
  const dataset = names.datasets.marts
  const tables = advise`list the tables: ${retail('sql', `SELECT table_name FROM ${dataset}.INFORMATION_SCHEMA.TABLES`)}`
  if (sql.trim() === '') throw wrongQuery(undefined, 'it is empty', { hint: tables })
  try {
    const kind = await jobs.kindOf({ query: sql, dataset })
    if (kind !== 'SELECT') throw writingQuery(`a statement of the kind ${kind}`, tables)
    const job = await jobs.query({ query: sql, dataset, signal })
    const columns = (await job.fields()).map((field): QueryColumn => ({ name: field.name, kind: kindOf(field) }))
    async function* pages(): AsyncGenerator<QueryCell[][]> {
      for await (const rows of job.pages()) {
        signal?.throwIfAborted()
        yield rows.map((row) => columns.map(({ name, kind }) => textOf(row[name], kind)))
      }
    }
    return { columns, pages: pages(), billedBytes: job.bytesBilled, async [Symbol.asyncDispose]() {} }
  } catch (error) {
    throw explain(error, `querying ${gcp.project}.${dataset}`, tables)
  }
}

function explain(error: unknown, doing: string, tables: ReturnType<typeof advise>): unknown {
  if (error instanceof RetailError) return error
  const { code, message } = callErrorOf(error)
  const [, what, , line, column] = /^(.*?)( at \[(\d+):(\d+)\])?$/.exec(message.split('\n')[0]) ?? []
  const place: QueryPlace | undefined = line === undefined ? undefined : { line: Number(line), column: Number(column) }
  if (place === undefined && code !== 400 && code !== 404) return explainCloudError(error, doing)
  return wrongQuery(place, what, { hint: tables, cause: error })
}

function kindOf({ type, mode }: AnswerField): QueryColumn['kind'] {
  if (mode === 'REPEATED' || type === 'RECORD' || type === 'STRUCT' || type === 'JSON') return 'json'
  if (NUMBERS.includes(type)) return 'number'
  return type === 'BOOLEAN' || type === 'BOOL' ? 'boolean' : 'text'
}

/** The client wraps values that JavaScript lacks: dates, decimals, 64-bit integers. */
function textOf(value: unknown, kind: QueryColumn['kind']): QueryCell {
  if (value === null || value === undefined) return null
  if (kind === 'json') return typeof value === 'string' ? value : JSON.stringify(value, (_, each) => unwrapped(each))
  if (Buffer.isBuffer(value)) return value.toString('base64')
  return String(unwrapped(value))
}

function unwrapped(value: unknown): unknown {
  const { value: inner } = (value ?? {}) as { value?: unknown }
  return typeof value === 'object' && typeof inner === 'string' ? inner : value
}
