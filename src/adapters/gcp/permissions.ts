import type { Config } from '../../config/schema.ts'
import { RetailError } from '../../errors.ts'
import type { FindLacking } from '../../ports/index.ts'
import { cloudOf, identityOf, SCOPE } from './clients.ts'
import { callErrorOf, explainCloudError } from './retry.ts'

const CALL_MS = 20_000

/** The variable with which gcloud overrides this endpoint, for private endpoints and tests. */
const ENDPOINT = 'CLOUDSDK_API_ENDPOINT_OVERRIDES_CLOUDRESOURCEMANAGER'

export async function openPermissions(config: Config, env: NodeJS.ProcessEnv = process.env): Promise<FindLacking> {
  const cloud = cloudOf(config, env)
  const { project } = cloud.gcp
  const endpoint = (env[ENDPOINT] || 'https://cloudresourcemanager.googleapis.com/').replace(/\/?$/, '/')
  const { GoogleAuth } = await import('google-auth-library')
  return async (permissions, signal) => {
    const doing = `checking your permissions in project ${project}`
    try {
      const { authClient, ...identity } = await identityOf(cloud)
      const client = authClient ?? (await new GoogleAuth({ ...identity, scopes: SCOPE }).getClient())
      const timeout = AbortSignal.timeout(CALL_MS)
      const { data } = await client.request<{ permissions?: string[] }>({
        url: `${endpoint}v1/projects/${project}:testIamPermissions`,
        method: 'POST',
        data: { permissions },
        signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
        retry: false,
      })
      return permissions.filter((permission) => !data.permissions?.includes(permission))
    } catch (error) {
      const foreseen = notThere(error, project) ?? explainCloudError(error, doing)
      throw foreseen instanceof RetailError ? foreseen : unusable(error)
    }
  }
}

/** For example, an invalid key file: Google was not called. */
const unusable = (error: unknown) =>
  new RetailError('cloud_denied', 'the credentials are not valid', {
    why: callErrorOf(error).message.split('\n')[0],
    hint: 'gcloud auth application-default login',
    cause: error,
  })

/** Google does not distinguish a missing project from one that we may not see. */
function notThere(error: unknown, project: string): RetailError | undefined {
  const { code, message } = callErrorOf(error)
  if (code !== 403 && code !== 404) return undefined
  const why = message.split('\n')[0]
  if (/has not been used in project|is disabled|SERVICE_DISABLED/i.test(message))
    return new RetailError('missing', `the API that checks permissions is not enabled in ${project}`, {
      why,
      hint: `gcloud services enable cloudresourcemanager.googleapis.com serviceusage.googleapis.com --project ${project}`,
      cause: error,
    })
  return new RetailError('cloud_denied', `project ${project} does not exist, or you do not have access to it`, {
    why,
    hint: `list your projects with gcloud projects list, or create one: gcloud projects create ${project}`,
    cause: error,
  })
}
