import { createHash } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { BigQuery } from '@google-cloud/bigquery'
import { RetailError } from '../../errors.ts'
import { callErrorOf, explainCloudError, hasten, isNotFound, isTransient, retrySite, within } from './retry.ts'

/** One load of objects into a table. Who asks for the same again, here or on another machine, finds the same job. */
export interface Load {
  project: string
  dataset: string
  table: string
  /** ms since 1970: a table that was made anew is loaded anew */
  tableCreated: string
  /** what it is, for people: `transactions_2024_01` */
  name: string
  /** addresses of the objects, and a checksum of each */
  objects: readonly { uri: string; checksum: string }[]
  /** takes the place of what the table held */
  replace?: boolean
}

const CALL_MS = 60_000
const PATIENCE_MS = 15 * 60_000
const JOB_MS = 60 * 60_000
/** A job that failed keeps its id for ever, so the next try has the next one. Failures count against a table's daily quota of loads. */
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

/** Of everything that makes the load what it is: the same rows into the same table have the same one. */
export const digestOf = ({ project, dataset, table, tableCreated, objects }: Load): string =>
  createHash('sha256')
    .update(
      JSON.stringify([project, dataset, table, tableCreated, objects.map(({ uri, checksum }) => [uri, checksum])]),
    )
    .digest('hex')
    .slice(0, 24)

/**
 * Resolves when the rows are in the table, once. The ids of a load's attempts are fixed and everybody goes through them in order,
 * up to the first that succeeded: BigQuery refuses the second job of an id, so two that come at once share one.
 */
export async function runLoad(bigquery: BigQuery, location: string, load: Load): Promise<void> {
  const site = retrySite({ patienceMs: PATIENCE_MS })
  const doing = `loading ${load.name} into ${load.dataset}.${load.table}`
  let failure = ''
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const jobId = `retail_${load.name}_${digestOf(load)}_${attempt}`
    const { ours, error } = await finish(jobId).catch((error) => {
      throw explainCloudError(error, doing)
    })
    if (!error) return
    failure = error.message ?? error.reason ?? 'no reason given'
    // A job of an earlier day may have failed for what has been mended since; ours just now will not do better.
    if (ours && !PASSING.includes(error.reason ?? '')) break
    if (ours) await sleep(hasten(1000 * 2 ** attempt))
  }
  throw new RetailError('failed', `BigQuery could not do it: ${doing}`, {
    why: failure.split('\n')[0],
    hint: 'run the same command again; if it says the same, look at the table: retail infra plan',
  })

  async function finish(
    jobId: string,
  ): Promise<{ ours: boolean; error: { reason?: string; message?: string } | undefined }> {
    let ours = await site.run(() => submit(jobId), isTransient)
    const start = performance.now()
    for (let wait = 100; ; wait = Math.min(5_000, wait * 1.5)) {
      const job = await site.run(() => look(jobId), isTransient)
      // The answer to our call was lost before it arrived.
      if (!job) ours = await site.run(() => submit(jobId), isTransient)
      else if (job.status?.state === 'DONE') return { ours, error: job.status.errorResult }
      if (performance.now() - start > JOB_MS)
        throw new RetailError('failed', `${doing} takes longer than an hour`, {
          hint: 'run the same command again: it goes on with the same job',
        })
      await sleep(wait)
    }
  }

  /** False when there is such a job already. A job that failed at once is one that was made. */
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

  async function look(
    jobId: string,
  ): Promise<{ status?: { state?: string; errorResult?: { reason?: string; message?: string } } } | undefined> {
    try {
      const [job] = await within(CALL_MS, doing, bigquery.job(jobId, { location }).getMetadata())
      return job
    } catch (error) {
      const { code, reason } = callErrorOf(error)
      if (isNotFound(error)) return undefined
      // The client throws a job's own failure.
      if (code === undefined && reason !== undefined)
        return { status: { state: 'DONE', errorResult: { reason, message: callErrorOf(error).message } } }
      throw error
    }
  }
}

const configuration = ({ project, dataset, table, objects, replace = false }: Load) => ({
  sourceUris: objects.map(({ uri }) => uri),
  sourceFormat: 'PARQUET',
  destinationTable: { projectId: project, datasetId: dataset, tableId: table },
  createDisposition: 'CREATE_NEVER',
  writeDisposition: replace ? 'WRITE_TRUNCATE' : 'WRITE_APPEND',
})
