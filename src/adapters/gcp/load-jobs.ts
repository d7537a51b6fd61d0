import { createHash } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { BigQuery } from '@google-cloud/bigquery'
import { advise, retail } from '../../advice.ts'
import { RetailError } from '../../errors.ts'
import {
  callErrorOf,
  explainCloudError,
  isNotFound,
  isTransient,
  retrySite,
  scaledForEmulator,
  within,
} from './retry.ts'

/** A load of objects into a table. Any process, on any machine, that requests the same load finds the same job. */
export interface Load {
  project: string
  dataset: string
  table: string
  /** Creation time of the table, ms since 1970: a recreated table is loaded again. */
  tableCreated: string
  /** A readable name: `transactions_2024_01`. */
  name: string
  /** URIs of the objects, with a checksum of each. */
  objects: readonly { uri: string; checksum: string }[]
  /** Replaces the content of the table. */
  replace?: boolean
}

const CALL_MS = 60_000
const PATIENCE_MS = 15 * 60_000
const JOB_MS = 60 * 60_000
/**
 * Limit of attempts. A failed job keeps its id, so the next attempt needs the next id. Failures count against the
 * table's daily load quota.
 */
const ATTEMPTS = 8
const PASSING = [
  'backendError',
  'internalError',
  'rateLimitExceeded',
  'quotaExceeded',
  'jobRateLimitExceeded',
  'jobBackendError',
  'jobInternalError',
  'tableUnavailable',
  'timeout',
  'stopped',
]

/** A hash of everything that identifies the load: the same rows into the same table give the same hash. */
export const digestOf = ({ project, dataset, table, tableCreated, objects }: Load): string =>
  createHash('sha256')
    .update(
      JSON.stringify([project, dataset, table, tableCreated, objects.map(({ uri, checksum }) => [uri, checksum])]),
    )
    .digest('hex')
    .slice(0, 24)

/**
 * Resolves when the table has the rows exactly once. The ids of a load's attempts are fixed, and every process tries
 * them in order up to the first that succeeds. BigQuery refuses a second job with the same id, so two concurrent
 * processes share one job.
 */
export async function runLoad(bigquery: BigQuery, location: string, load: Load): Promise<void> {
  const site = retrySite('BigQuery', { patienceMs: PATIENCE_MS })
  const doing = `loading ${load.name} into ${load.dataset}.${load.table}`
  let failure = ''
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const jobId = `retail_${load.name}_${digestOf(load)}_${attempt}`
    const { ours, error } = await finish(jobId).catch((error) => {
      throw explainCloudError(error, doing)
    })
    if (!error) return
    failure = error.message ?? error.reason ?? 'no reason given'
    // A job that failed on another day may have a cause that is fixed by now; a job that failed just now would fail
    // again.
    if (ours && !PASSING.includes(error.reason ?? '')) break
    if (ours) await sleep(scaledForEmulator(1000 * 2 ** attempt))
  }
  throw new RetailError('failed', `BigQuery failed: ${doing}`, {
    why: failure.split('\n')[0],
    hint: advise`run the same command again; if it fails again, check the table: ${retail('infra', 'plan')}`,
  })

  async function finish(
    jobId: string,
  ): Promise<{ ours: boolean; error: { reason?: string; message?: string } | undefined }> {
    let ours = await site.run(() => submit(jobId), isTransient)
    const start = performance.now()
    for (let wait = 100; ; wait = Math.min(5_000, wait * 1.5)) {
      const job = await site.run(() => find(jobId), isTransient)
      // The response to our call was lost.
      if (!job) ours = await site.run(() => submit(jobId), isTransient)
      else if (job.status?.state === 'DONE') return { ours, error: job.status.errorResult }
      if (performance.now() - start > JOB_MS)
        throw new RetailError('failed', `${doing} took longer than an hour`, {
          hint: 'run the same command again: it resumes the same job',
        })
      await sleep(wait)
    }
  }

  /** Creates a job; false if the id is taken. A job that failed immediately was still created. */
  async function submit(jobId: string): Promise<boolean> {
    try {
      const call = bigquery.createJob({
        jobId,
        location,
        configuration: { load: configuration(load), labels: { tool: 'retail' } },
      })
      await within(CALL_MS, doing, call)
    } catch (error) {
      const { code, reason } = callErrorOf(error)
      if (code === 409) return false
      if (code !== undefined || reason === undefined || isTransient(error)) throw error
    }
    return true
  }

  async function find(
    jobId: string,
  ): Promise<{ status?: { state?: string; errorResult?: { reason?: string; message?: string } } } | undefined> {
    try {
      const [job] = await within(CALL_MS, doing, bigquery.job(jobId, { location }).getMetadata())
      return job
    } catch (error) {
      const { code, reason } = callErrorOf(error)
      if (isNotFound(error)) return undefined
      // The client throws the job's own failure.
      if (code === undefined && reason !== undefined)
        return { status: { state: 'DONE', errorResult: { reason, message: callErrorOf(error).message } } }
      throw error
    }
  }
}

/**
 * WRITE_TRUNCATE would give the table the schema of the files, which has no descriptions, and Terraform would report a
 * change; WRITE_TRUNCATE_DATA "keeps the constraints and schema of the existing table" (BigQuery API, "Job",
 * JobConfigurationLoad.writeDisposition).
 */
const configuration = ({ project, dataset, table, objects, replace = false }: Load) => ({
  sourceUris: objects.map(({ uri }) => uri),
  sourceFormat: 'PARQUET',
  destinationTable: { projectId: project, datasetId: dataset, tableId: table },
  createDisposition: 'CREATE_NEVER',
  writeDisposition: replace ? 'WRITE_TRUNCATE_DATA' : 'WRITE_APPEND',
})
