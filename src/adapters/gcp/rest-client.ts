import type { Config } from '../../config/schema.ts'
import { type Cloud, cloudOf, emulatorAuth, identityOf, SCOPE } from './clients.ts'
import { explainCloudError } from './retry.ts'

const CALL_MS = 30_000

export interface RestCall {
  method?: 'GET' | 'POST'
  /** Bytes, or what is sent as JSON. */
  data?: object | Buffer
  signal?: AbortSignal | undefined
}

/** A JSON API of Google without a client library of its own here. */
export interface RestClient {
  cloud: Cloud
  /** Throws the client's error, which `callErrorOf` reads; never retries. */
  ask<T>(path: string, call?: RestCall): Promise<T>
}

/**
 * `service`: the first word of its address: `run`, `cloudbuild`. As with gcloud, the variable
 * CLOUDSDK_API_ENDPOINT_OVERRIDES_<SERVICE> replaces the address, for private endpoints and tests.
 */
export async function openRest(
  config: Config,
  service: string,
  env: NodeJS.ProcessEnv = process.env,
): Promise<RestClient> {
  const cloud = cloudOf(config, env)
  const base = (env[endpointVariable(service)] || `https://${service}.googleapis.com/`).replace(/\/?$/, '/')
  const { GoogleAuth } = await import('google-auth-library')
  const { authClient, ...identity } = cloud.emulators ? { authClient: await emulatorAuth() } : await identityOf(cloud)
  const client =
    authClient ??
    (await new GoogleAuth({ ...identity, scopes: SCOPE }).getClient().catch((error) => {
      throw explainCloudError(error, 'looking for credentials')
    }))
  return {
    cloud,
    async ask<T>(path: string, { method = 'GET', data, signal }: RestCall = {}) {
      const timeout = AbortSignal.timeout(CALL_MS)
      const answer = await client.request<T>({
        url: base + path,
        method,
        ...(data && { data }),
        signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
        retry: false,
      })
      return answer.data
    },
  }
}

export const endpointVariable = (service: string): string => `CLOUDSDK_API_ENDPOINT_OVERRIDES_${service.toUpperCase()}`
