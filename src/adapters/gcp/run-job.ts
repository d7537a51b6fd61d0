import type { Config } from '../../config/schema.ts'
import { RetailError } from '../../errors.ts'
import type { RemoteJob } from '../../ports/index.ts'
import { cloudOf, identityOf, SCOPE, stub } from './clients.ts'
import { callErrorOf, explainCloudError, isNotFound, isTransient, retrySite } from './retry.ts'

const CALL_MS = 30_000
const PATIENCE_MS = 5 * 60_000
/** By the name that gcloud has for another endpoint: private ones, and those of tests. */
const ENDPOINT = 'CLOUDSDK_API_ENDPOINT_OVERRIDES_RUN'

/** What terraform/modules/job grants to the account of backfill. */
const ROLES = ['roles/run.jobsExecutorWithOverrides', 'roles/run.viewer']

/** Of the Cloud Run Admin API, as far as we look at it. */
interface Job {
  template?: {
    taskCount?: number
    template?: { containers?: { image?: string; env?: { name: string; value?: string }[] }[] }
  }
  latestCreatedExecution?: { name?: string; completionTime?: string }
}
interface ExecutionJson {
  name?: string
  taskCount?: number
  succeededCount?: number
  failedCount?: number
  cancelledCount?: number
  retriedCount?: number
  completionTime?: string
  logUri?: string
  conditions?: { type?: string; state?: string; message?: string }[]
}

/** The job that `terraform/modules/job` makes. */
export async function openRunJob(config: Config, env: NodeJS.ProcessEnv = process.env): Promise<RemoteJob> {
  const cloud = cloudOf(config, env)
  const { project, region, prefix } = cloud.gcp
  const name = `projects/${project}/locations/${region}/jobs/${prefix}-backfill`
  if (cloud.emulators && !env[ENDPOINT])
    throw new RetailError('bad_config', 'there is no emulator of Cloud Run', {
      why: 'the others are named, and half of a call must not go to Google',
      hint: `retail backfill, without --remote; or set ${ENDPOINT}`,
    })
  const base = (env[ENDPOINT] || 'https://run.googleapis.com/').replace(/\/?$/, '/v2/')
  const site = retrySite({ patienceMs: PATIENCE_MS })
  const { GoogleAuth } = await import('google-auth-library')
  const { authClient, ...identity } = cloud.emulators ? { authClient: await stub() } : await identityOf(cloud)
  const client =
    authClient ??
    (await new GoogleAuth({ ...identity, scopes: SCOPE }).getClient().catch((error) => {
      throw explainCloudError(error, 'looking for credentials')
    }))

  function explain(error: unknown, doing: string): unknown {
    const { code, message } = callErrorOf(error)
    if (code !== 403) return explainCloudError(error, doing)
    const why = message.split('\n')[0]
    if (/has not been used in project|is disabled|SERVICE_DISABLED/i.test(message))
      return new RetailError('missing', `Cloud Run is not enabled in ${project}`, {
        why,
        hint: `write job = { image = "…" } into infra.tfvars, then: retail infra apply; or: gcloud services enable run.googleapis.com --project ${project}`,
        cause: error,
      })
    return new RetailError('cloud_denied', `not allowed while ${doing}`, {
      why,
      hint: `it needs ${ROLES.join(' and ')} on the job; the account that apply makes has them: RETAIL_IMPERSONATE=${prefix}-backfill@${project}.iam.gserviceaccount.com`,
      cause: error,
    })
  }

  async function ask<T>(path: string, data?: object, signal?: AbortSignal): Promise<T> {
    const timeout = AbortSignal.timeout(CALL_MS)
    const answer = await client.request<T>({
      url: base + path,
      method: data ? 'POST' : 'GET',
      ...(data && { data }),
      signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
      retry: false,
    })
    return answer.data
  }

  async function get<T>(path: string, doing: string, signal?: AbortSignal): Promise<T | undefined> {
    try {
      return await site.run(() => ask<T>(path, undefined, signal), isTransient, signal)
    } catch (error) {
      if (isNotFound(error)) return undefined
      throw explain(error, doing)
    }
  }

  const job: RemoteJob = {
    name,

    async describe(signal) {
      const found = await get<Job>(name, `looking at the job ${name}`, signal)
      if (!found) return undefined
      const { template = {}, latestCreatedExecution: latest } = found
      const container = template.template?.containers?.[0] ?? {}
      return {
        image: container.image ?? '',
        tasks: template.taskCount ?? 1,
        env: Object.fromEntries((container.env ?? []).map(({ name, value = '' }) => [name, value])),
        latest:
          latest?.name === undefined ? undefined : { name: latest.name, ended: latest.completionTime !== undefined },
      }
    },

    async start({ args, tasks }) {
      const doing = `starting the job ${name}`
      const before = (await job.describe())?.latest?.name
      let asked = false
      const overrides = { containerOverrides: [{ args }], ...(tasks !== undefined && { taskCount: tasks }) }
      try {
        return await site.run(async () => {
          const begun = asked ? (await job.describe())?.latest?.name : undefined
          if (begun !== undefined && begun !== before) return begun
          asked = true
          const operation = await ask<{ metadata?: ExecutionJson }>(`${name}:run`, { overrides })
          const execution = operation.metadata?.name
          if (execution === undefined) throw new Error('Cloud Run does not say which execution it began')
          return execution
        }, isTransient)
      } catch (error) {
        throw explain(error, doing)
      }
    },

    async look(execution, signal) {
      const found = await get<ExecutionJson>(execution, `looking at ${execution}`, signal)
      if (!found)
        throw new RetailError('missing', `the execution ${execution} is gone`, {
          why: 'somebody removed it, or the job',
          hint: 'retail backfill --remote: what was made stays made',
        })
      const { taskCount = 0, succeededCount = 0, failedCount = 0, cancelledCount = 0, retriedCount = 0 } = found
      const completed = found.conditions?.find(({ type }) => type === 'Completed')
      return {
        tasks: taskCount,
        succeeded: succeededCount,
        failed: failedCount + cancelledCount,
        retried: retriedCount,
        ended: found.completionTime !== undefined,
        why: completed?.state === 'CONDITION_FAILED' ? completed.message : undefined,
        log: found.logUri,
      }
    },
  }
  return job
}
