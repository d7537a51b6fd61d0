import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { BigQuery } from '@google-cloud/bigquery'
import type { Statement } from '../../ports/index.ts'
import type { Cloud } from './clients.ts'
import { callErrorOf, isTransient, retrySite, within } from './retry.ts'

const CALL_MS = 60_000
/** Timeout of one query; BigQuery stops it then. */
const QUERY_MS = 15 * 60_000
const ROWS_AT_ONCE = 20_000
const PATIENCE_MS = 15 * 60_000

export interface QueryJob {
  query: string
  params?: Statement['parameters']
  /** One id for all attempts, so that a job whose response was lost does not run twice. */
  jobId?: string
  /** The dataset of tables that are named alone. */
  dataset?: string
  /** An abort cancels the job. */
  signal?: AbortSignal | undefined
}

/** A column of an answer. */
export interface AnswerField {
  name: string
  /** BigQuery's name of the type: INTEGER, RECORD, … */
  type: string
  mode?: string
}

export interface FinishedJob {
  bytesBilled: number
  rows(): Promise<Record<string, unknown>[]>
  /** The same rows, some at a time. */
  pages(): AsyncIterable<Record<string, unknown>[]>
  fields(): Promise<AnswerField[]>
}

/** A table of the project. */
interface TableName {
  dataset: string
  table: string
}

export interface Jobs {
  /** Runs a query job with a limit on its cost; resolves when it has succeeded. */
  query(job: QueryJob): Promise<FinishedJob>
  /** Checks a query without running it, free of charge. Resolves to its kind: SELECT, INSERT, SCRIPT, … */
  kindOf(job: Pick<QueryJob, 'query' | 'dataset'>): Promise<string>
  /** Replaces the content of a table, or creates it. Copies are free. */
  copy(from: TableName, to: TableName): Promise<void>
}

export const newJobId = (): string => `retail_${randomUUID()}`

export function jobsOf(bigquery: BigQuery, { gcp }: Pick<Cloud, 'gcp'>): Jobs {
  const site = retrySite('BigQuery', { patienceMs: PATIENCE_MS })

  /** A second job with the same id is refused, so the first one runs. */
  const submit = (create: () => Promise<unknown>, doing: string) =>
    site.run(async () => {
      try {
        await within(CALL_MS, doing, create())
      } catch (error) {
        if (callErrorOf(error).code !== 409) throw error
      }
    }, isTransient)

  const datasetOf = (dataset: string | undefined) =>
    dataset === undefined ? {} : { defaultDataset: { projectId: gcp.project, datasetId: dataset } }

  async function end(jobId: string, signal?: AbortSignal): Promise<number> {
    const job = bigquery.job(jobId, { location: gcp.location })
    for (let wait = 50; ; wait = Math.min(3_000, wait * 1.5)) {
      const [{ status, statistics }] = await site.run(
        () => within(CALL_MS, 'waiting for BigQuery', job.getMetadata()),
        isTransient,
      )
      if (status?.state === 'DONE') return Number(statistics?.query?.totalBytesBilled ?? 0)
      // A job that cannot be canceled ends by itself.
      if (signal?.aborted) await job.cancel().catch(() => {})
      signal?.throwIfAborted()
      await sleep(wait)
    }
  }

  return {
    async kindOf({ query, dataset }) {
      const dry = { query, dryRun: true, location: gcp.location, ...datasetOf(dataset) }
      const check = () => within(CALL_MS, 'checking a query', bigquery.createQueryJob(dry))
      const [{ metadata }] = await site.run(check, isTransient)
      return String(metadata.statistics?.query?.statementType)
    },

    async query({ query, params, dataset, jobId = newJobId(), signal }) {
      const options = {
        query,
        params,
        jobId,
        ...datasetOf(dataset),
        location: gcp.location,
        maximumBytesBilled: String(gcp.max_bytes_billed),
        jobTimeoutMs: QUERY_MS,
        labels: { tool: 'retail' },
      }
      await submit(() => bigquery.createQueryJob(options), 'querying BigQuery')
      const bytesBilled = await end(jobId, signal)
      const job = bigquery.job(jobId, { location: gcp.location })
      const read = () => within(QUERY_MS, 'reading from BigQuery', job.getQueryResults({ wrapIntegers: true }))
      async function* pages() {
        for (let pageToken: string | undefined; ; ) {
          const page = { wrapIntegers: true, autoPaginate: false, maxResults: ROWS_AT_ONCE, pageToken }
          const read = () => within(QUERY_MS, 'reading from BigQuery', job.getQueryResults(page))
          const [rows, , response] = await site.run(read, isTransient)
          yield rows as Record<string, unknown>[]
          pageToken = (response as { pageToken?: string } | undefined)?.pageToken
          if (!pageToken) return
        }
      }
      const rows = async () => (await site.run(read, isTransient))[0] as Record<string, unknown>[]
      const fields = async () => {
        const none = { autoPaginate: false, maxResults: 0 }
        const read = () => within(CALL_MS, 'reading from BigQuery', job.getQueryResults(none))
        const [, , response] = await site.run(read, isTransient)
        return (response as { schema?: { fields?: AnswerField[] } } | undefined)?.schema?.fields ?? []
      }
      return { bytesBilled, rows, pages, fields }
    },

    async copy(from, to) {
      const jobId = newJobId()
      const tableOf = ({ dataset, table }: TableName) => ({
        projectId: gcp.project,
        datasetId: dataset,
        tableId: table,
      })
      const copy = { sourceTable: tableOf(from), destinationTable: tableOf(to), writeDisposition: 'WRITE_TRUNCATE' }
      const configuration = { copy, labels: { tool: 'retail' } }
      await submit(() => bigquery.createJob({ jobId, location: gcp.location, configuration }), 'copying a table')
      await end(jobId)
    },
  }
}
