import { realpathSync, statSync } from 'node:fs'
import path from 'node:path'
import { RetailError } from '../errors.ts'
import type { Config } from './schema.ts'

/**
 * The identity for calls to Google. If both are absent: the default credentials of this machine. Only paths and names:
 * we never read a key.
 */
export interface Credentials {
  /** Absolute path of a credentials file. */
  file: string | undefined
  /** Service account to impersonate. */
  impersonate: string | undefined
}

/**
 * Config over environment. A file inside the workspace is refused, because workspaces are committed, copied, and sent
 * around.
 */
export function credentialsOf(
  { workspace, gcp }: Pick<Config, 'workspace' | 'gcp'>,
  env: Readonly<Record<string, string | undefined>>,
): Credentials {
  const impersonate = gcp?.impersonate ?? (env.GOOGLE_IMPERSONATE_SERVICE_ACCOUNT || undefined)
  const named = gcp?.credentials ?? (env.GOOGLE_APPLICATION_CREDENTIALS || undefined)
  if (named === undefined) return { file: undefined, impersonate }
  const file = path.resolve(workspace, named)
  if (!statSync(file, { throwIfNoEntry: false })?.isFile())
    throw new RetailError('bad_config', `the credentials file ${named} does not exist`, {
      why: gcp?.credentials
        ? 'it comes from --credentials, RETAIL_CREDENTIALS, or gcp.credentials'
        : 'it comes from GOOGLE_APPLICATION_CREDENTIALS',
      hint: 'give another file, or omit it and log in: gcloud auth application-default login',
    })
  const inside = path.relative(realpathSync(workspace), realpathSync(file))
  if (!inside.startsWith('..') && !path.isAbsolute(inside))
    throw new RetailError('bad_config', `the credentials file ${inside} is inside the workspace`, {
      why: 'workspaces get committed and copied, which would leak the key',
      hint: `move it: mv ${inside} ~/.config/gcloud/ (or better, use no key: gcloud auth application-default login)`,
    })
  return { file, impersonate }
}
