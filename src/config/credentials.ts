import { realpathSync, statSync } from 'node:fs'
import path from 'node:path'
import { RetailError } from '../errors.ts'
import type { Config } from './schema.ts'

/** Whom we are to Google. Without both: the default credentials of this machine. Only paths and names: we never read a key. */
export interface Credentials {
  /** absolute path of a credentials file */
  file: string | undefined
  /** service account to act as */
  impersonate: string | undefined
}

/** Config over environment. A file inside the workspace is refused: workspaces are committed, copied and sent around. */
export function credentialsOf(
  { workspace, gcp }: Pick<Config, 'workspace' | 'gcp'>,
  env: Readonly<Record<string, string | undefined>>,
): Credentials {
  const impersonate = gcp?.impersonate ?? (env.GOOGLE_IMPERSONATE_SERVICE_ACCOUNT || undefined)
  const named = gcp?.credentials ?? (env.GOOGLE_APPLICATION_CREDENTIALS || undefined)
  if (named === undefined) return { file: undefined, impersonate }
  const file = path.resolve(workspace, named)
  if (!statSync(file, { throwIfNoEntry: false })?.isFile())
    throw new RetailError('bad_config', `there is no credentials file ${named}`, {
      why: gcp?.credentials
        ? 'it was named by --credentials, RETAIL_CREDENTIALS or gcp.credentials'
        : 'it was named by GOOGLE_APPLICATION_CREDENTIALS',
      hint: 'name another, or none and log in: gcloud auth application-default login',
    })
  const inside = path.relative(realpathSync(workspace), realpathSync(file))
  if (!inside.startsWith('..') && !path.isAbsolute(inside))
    throw new RetailError('bad_config', `the credentials file ${inside} lies in the workspace`, {
      why: 'a workspace is committed and copied, and the key would go with it',
      hint: `move it away: mv ${inside} ~/.config/gcloud/ (or better, no key at all: gcloud auth application-default login)`,
    })
  return { file, impersonate }
}
