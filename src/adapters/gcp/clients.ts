import { createRequire } from 'node:module'
import type { BigQuery } from '@google-cloud/bigquery'
import type { Storage } from '@google-cloud/storage'
import type { AuthClient, Impersonated } from 'google-auth-library'
import { cloudConfig } from '../../config/cloud-config.ts'
import { type Credentials, credentialsOf } from '../../config/credentials.ts'
import { type Emulators, emulatorsOf } from '../../config/emulators.ts'
import { gcpNames } from '../../config/gcp-names.ts'
import type { Config, GcpConfig } from '../../config/schema.ts'
import { hushMetadata } from './metadata-warning.ts'
import { scaledForEmulator } from './retry.ts'

hushMetadata()

/** Everything needed to call Google Cloud for one workspace. */
export interface Cloud {
  gcp: GcpConfig
  names: ReturnType<typeof gcpNames>
  emulators: Emulators | undefined
  credentials: Credentials
}

export const SCOPE = 'https://www.googleapis.com/auth/cloud-platform'
/** Timeout of one HTTP call; uploads and queries have their own. */
const CALL_MS = 60_000

export const cloudOf = (config: Config, env: NodeJS.ProcessEnv = process.env): Cloud =>
  cloudIn(config.workspace, cloudConfig(config).gcp, env)

export function cloudIn(workspace: string, gcp: GcpConfig, env: NodeJS.ProcessEnv = process.env): Cloud {
  const emulators = emulatorsOf(env)
  // Real credentials are never sent to an emulator.
  const credentials = emulators ? { file: undefined, impersonate: undefined } : credentialsOf({ workspace, gcp }, env)
  return { gcp, names: gcpNames(gcp), emulators, credentials }
}

export async function openStorage({ gcp, emulators, credentials }: Cloud): Promise<Storage> {
  const { Storage } = await import('@google-cloud/storage')
  const options = {
    projectId: gcp.project,
    timeout: scaledForEmulator(CALL_MS),
    // We retry in one place, with one limit.
    retryOptions: { autoRetry: false },
  }
  if (emulators) {
    const storage = new Storage({ ...options, apiEndpoint: emulators.storage })
    // The client takes STORAGE_EMULATOR_HOST as the whole base URL of its calls, without the path.
    storage.baseUrl = `${emulators.storage}/storage/v1`
    return storage
  }
  const { file: keyFilename, impersonate } = credentials
  if (!impersonate) return new Storage({ ...options, keyFilename })
  // This client brings an older google-auth-library and accepts only that version's clients.
  const its = createRequire(createRequire(import.meta.url).resolve('@google-cloud/storage'))(
    'google-auth-library',
  ) as typeof import('google-auth-library')
  const authClient = await impersonated(its, keyFilename, impersonate)
  return new Storage({ ...options, authClient: authClient as unknown as undefined })
}

export async function openBigQuery(cloud: Cloud): Promise<BigQuery> {
  const { BigQuery } = await import('@google-cloud/bigquery')
  const { gcp, emulators } = cloud
  return new BigQuery({
    projectId: gcp.project,
    location: gcp.location,
    autoRetry: false,
    ...{ timeout: scaledForEmulator(CALL_MS) },
    ...(emulators ? { apiEndpoint: emulators.bigquery, authClient: await emulatorAuth() } : await identityOf(cloud)),
  })
}

/** Options that every current Google client accepts. */
export async function identityOf({
  credentials: { file: keyFilename, impersonate },
}: Pick<Cloud, 'credentials'>): Promise<{ keyFilename?: string; authClient?: Impersonated }> {
  if (!impersonate) return keyFilename === undefined ? {} : { keyFilename }
  return { authClient: await impersonated(await import('google-auth-library'), keyFilename, impersonate) }
}

async function impersonated(
  library: typeof import('google-auth-library'),
  keyFilename: string | undefined,
  account: string,
): Promise<Impersonated> {
  const { GoogleAuth, Impersonated } = library
  const sourceClient = await new GoogleAuth({ keyFilename, scopes: SCOPE }).getClient()
  return new Impersonated({ sourceClient, targetPrincipal: account, targetScopes: [SCOPE], lifetime: 3600 })
}

/** For emulators: without it, the client would look for real credentials. */
export async function emulatorAuth(): Promise<AuthClient> {
  const { OAuth2Client } = await import('google-auth-library')
  const client = new OAuth2Client()
  client.setCredentials({ access_token: 'fake', expiry_date: Date.UTC(2100, 0, 1) })
  return client
}
