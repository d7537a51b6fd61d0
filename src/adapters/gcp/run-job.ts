import { advise, retail } from '../../advice.ts'
import type { Config } from '../../config/schema.ts'
import { RetailError } from '../../errors.ts'
import type { RemoteJob } from '../../ports/index.ts'
import { endpointVariable, openRest } from './rest-client.ts'
import { callErrorOf, explainCloudError, isNotFound, isTransient, retrySite } from './retry.ts'

const PATIENCE_MS = 5 * 60_000
const ENDPOINT = endpointVariable('run')

/** The permissions that terraform/modules/job grants to the backfill account. */
const ROLES = ['roles/run.jobsExecutorWithOverrides', 'roles/run.viewer']

/** The fields of the Cloud Run Admin API that we read. */
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

/** The job that `terraform/modules/job` creates. */
export async function openRunJob(config: Config, env: NodeJS.ProcessEnv = process.env): Promise<RemoteJob> {
  const { cloud, ask: call } = await openRest(config, 'run', env)
  const { project, region, prefix } = cloud.gcp
  const name = `projects/${project}/locations/${region}/jobs/${prefix}-backfill`
  if (cloud.emulators && !env[ENDPOINT])
    throw new RetailError('bad_config', 'no emulator of Cloud Run is configured', {
      why: 'the other emulators are configured, and emulated and real services must not be mixed',
      hint: advise`${retail('backfill')}, without --remote; or set ${ENDPOINT}`,
    })
  const site = retrySite('Cloud Run', { patienceMs: PATIENCE_MS })
  const ask = <T>(path: string, data?: object, signal?: AbortSignal) =>
    call<T>(`v2/${path}`, { method: data ? 'POST' : 'GET', ...(data && { data }), signal })

  function explainError(error: unknown, doing: string): unknown {
    const { code, message } = callErrorOf(error)
    if (code !== 403) return explainCloudError(error, doing)
    const why = message.split('\n')[0]
    if (/has not been used in project|is disabled|SERVICE_DISABLED/i.test(message))
      return new RetailError('missing', `Cloud Run is not enabled in ${project}`, {
        why,
        hint: advise`add job = {} to infra.tfvars, then run ${retail('infra', 'apply')}; or: gcloud services enable run.googleapis.com --project ${project}`,
        cause: error,
      })
    return new RetailError('cloud_denied', `not allowed while ${doing}`, {
      why,
      hint: `it needs ${ROLES.join(' and ')} on the job; the account that apply makes has them: RETAIL_IMPERSONATE=${prefix}-backfill@${project}.iam.gserviceaccount.com`,
      cause: error,
    })
  }

  async function get<T>(path: string, doing: string, signal?: AbortSignal): Promise<T | undefined> {
    try {
      return await site.run(() => ask<T>(path, undefined, signal), isTransient, signal)
    } catch (error) {
      if (isNotFound(error)) return undefined
      throw explainError(error, doing)
    }
  }

  const job: RemoteJob = {
    name,

    async describe(signal) {
      const found = await get<Job>(name, `checking the job ${name}`, signal)
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
          if (execution === undefined) throw new Error('Cloud Run did not return the execution that it started')
          return execution
        }, isTransient)
      } catch (error) {
        throw explainError(error, doing)
      }
    },

    async read(execution, signal) {
      const found = await get<ExecutionJson>(execution, `checking ${execution}`, signal)
      if (!found)
        throw new RetailError('missing', `the execution ${execution} no longer exists`, {
          why: 'it or its job was deleted',
          hint: advise`${retail('backfill', '--remote')} resumes: finished work is kept`,
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
