import { readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import path from 'node:path'

/** What this machine knows about Google Cloud, from files and variables, without a network call. It keeps no secret. */
export interface CloudHere {
  project: Found | undefined
  region: Found | undefined
  /** Undefined: not logged in. */
  login: Login | undefined
}

interface Found {
  value: string
  from: string
}

export interface Login {
  /** authorized_user, service_account, external_account, … */
  type: string
  /** Path of the credentials file. */
  file: string
  account?: string
  /** The project billed for a user's calls. */
  quotaProject?: string
}

type Env = Readonly<Record<string, string | undefined>>

/**
 * `file`: a credentials file from the config; otherwise GOOGLE_APPLICATION_CREDENTIALS, then the default credentials of
 * gcloud.
 */
export function cloudHere(env: Env, file?: string): CloudHere {
  const folder = gcloudFolder(env)
  const named = file ?? (env.GOOGLE_APPLICATION_CREDENTIALS || undefined)
  const key = documentIn(named ?? path.join(folder, 'application_default_credentials.json'))
  const gcloud = activeConfiguration(env, folder)
  const first = (...found: [string | undefined, string][]): Found | undefined =>
    found.flatMap(([value, from]) => (value ? [{ value, from }] : []))[0]
  return {
    project: first(
      [env.GOOGLE_CLOUD_PROJECT, 'GOOGLE_CLOUD_PROJECT'],
      [env.CLOUDSDK_CORE_PROJECT, 'CLOUDSDK_CORE_PROJECT'],
      [env.GCLOUD_PROJECT, 'GCLOUD_PROJECT'],
      [gcloud['core.project'], 'gcloud config'],
      [key?.document.project_id, 'the credentials file'],
      [key?.document.quota_project_id, 'the default credentials'],
    ),
    region: first(
      [env.CLOUDSDK_COMPUTE_REGION, 'CLOUDSDK_COMPUTE_REGION'],
      [gcloud['compute.region'], 'gcloud config'],
    ),
    login: key && {
      type: key.document.type ?? 'unknown',
      file: key.file,
      account: key.document.client_email ?? (named ? undefined : gcloud['core.account']),
      quotaProject: env.GOOGLE_CLOUD_QUOTA_PROJECT || key.document.quota_project_id,
    },
  }
}

const PLAIN = ['type', 'project_id', 'quota_project_id', 'client_email'] as const

/** Copies only fields that are not secret. */
function documentIn(
  file: string,
): { file: string; document: Partial<Record<(typeof PLAIN)[number], string>> } | undefined {
  try {
    const all: unknown = JSON.parse(readFileSync(file, 'utf8'))
    if (typeof all !== 'object' || all === null) return undefined
    const texts = PLAIN.flatMap((name) => {
      const value: unknown = Reflect.get(all, name)
      return typeof value === 'string' ? [[name, value]] : []
    })
    return { file, document: Object.fromEntries(texts) }
  } catch {
    // It only suggests answers: without it, they are asked.
    return undefined
  }
}

function gcloudFolder(env: Env): string {
  if (env.CLOUDSDK_CONFIG) return env.CLOUDSDK_CONFIG
  return env.APPDATA ? path.join(env.APPDATA, 'gcloud') : path.join(env.HOME || homedir(), '.config', 'gcloud')
}

/** `section.key` of gcloud's active configuration, an INI file. */
function activeConfiguration(env: Env, folder: string): Record<string, string | undefined> {
  const name = env.CLOUDSDK_ACTIVE_CONFIG_NAME || textIn(path.join(folder, 'active_config')).trim() || 'default'
  const values: Record<string, string> = {}
  let section = ''
  for (const line of textIn(path.join(folder, 'configurations', `config_${name}`)).split('\n')) {
    section = /^\s*\[(\w+)\]/.exec(line)?.[1] ?? section
    const [, key, value] = /^\s*(\w+)\s*=\s*(.*?)\s*$/.exec(line) ?? []
    if (key) values[`${section}.${key}`] = value
  }
  return values
}

function textIn(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    // It only suggests answers: without it, they are asked.
    return ''
  }
}
