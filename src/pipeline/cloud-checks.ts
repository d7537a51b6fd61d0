import type { Advice } from '../advice.ts'
import type { CloudHere } from '../config/cloud-here.ts'
import type { GcpConfig } from '../config/schema.ts'
import { RetailError } from '../errors.ts'
import type { FindLacking, IsBilled } from '../ports/index.ts'

/** warn: works, but not as intended; missing: the next command would fail. */
export interface CloudCheck {
  name: 'login' | 'quota project' | 'billing' | 'roles'
  state: 'ok' | 'warn' | 'missing'
  about: string
  /** What fixes it. */
  fix: Advice[]
}

/** Permissions that `infra apply` needs, and the role that grants each. */
type Roles = Readonly<Record<string, string>>

/** Whether this machine and this account are ready for `infra apply`. Without a login, it makes no network call. */
export async function checkCloud(
  { login }: CloudHere,
  { project, impersonate }: GcpConfig,
  roles: Roles,
  { findLacking, isBilled }: { findLacking: FindLacking; isBilled: IsBilled },
  signal?: AbortSignal,
): Promise<CloudCheck[]> {
  if (!login)
    return [
      {
        name: 'login',
        state: 'missing',
        about: 'no application default credentials on this machine',
        fix: ['gcloud auth application-default login'],
      },
    ]
  const who = login.account ? ` of ${login.account}` : ''
  const as = impersonate ? `, acting as ${impersonate}` : ''
  const checks: CloudCheck[] = [
    { name: 'login', state: 'ok', about: `${login.type}${who}${as}, from ${login.file}`, fix: [] },
  ]
  if (login.type === 'authorized_user') checks.push(quotaCheck(login.quotaProject, project))
  const asked = [
    billingCheck(project, isBilled, signal),
    rolesCheck(project, impersonate ?? login.account, roles, findLacking, signal),
  ]
  return [...checks, ...(await Promise.all(asked))]
}

async function billingCheck(project: string, isBilled: IsBilled, signal: AbortSignal | undefined): Promise<CloudCheck> {
  const name = 'billing'
  try {
    if (await isBilled(signal)) return { name, state: 'ok', about: `${project} has a billing account`, fix: [] }
    return {
      name,
      state: 'missing',
      about: `${project} has no billing account, so nothing can be created in it`,
      fix: [`gcloud billing projects link ${project} --billing-account ACCOUNT_ID`],
    }
  } catch (error) {
    signal?.throwIfAborted()
    // Its API may be off, and then nobody can tell. If billing is missing, the apply says so.
    return { name, state: 'warn', about: `unknown: ${error instanceof Error ? error.message : error}`, fix: [] }
  }
}

function quotaCheck(quotaProject: string | undefined, project: string): CloudCheck {
  const name = 'quota project'
  if (quotaProject === project) return { name, state: 'ok', about: project, fix: [] }
  return {
    name,
    state: 'warn',
    about: quotaProject
      ? `calls count against the quota of ${quotaProject}, not ${project}, and need its APIs and your permissions there`
      : 'none: some APIs reject calls with user credentials that have no quota project',
    fix: [`gcloud auth application-default set-quota-project ${project}`],
  }
}

async function rolesCheck(
  project: string,
  account: string | undefined,
  roles: Roles,
  findLacking: FindLacking,
  signal: AbortSignal | undefined,
): Promise<CloudCheck> {
  const name = 'roles'
  try {
    const lacking = await findLacking(Object.keys(roles), signal)
    if (lacking.length === 0)
      return { name, state: 'ok', about: `you have everything that infra apply needs in ${project}`, fix: [] }
    const kind = account?.endsWith('.gserviceaccount.com') ? 'serviceAccount' : 'user'
    const member = `${kind}:${account ?? 'YOU@EXAMPLE.COM'}`
    return {
      name,
      state: 'missing',
      about: `missing permissions in ${project}: ${lacking.join(', ')}`,
      fix: lacking.map(
        (permission) =>
          `gcloud projects add-iam-policy-binding ${project} --member ${member} --role ${roles[permission]} --condition None`,
      ),
    }
  } catch (error) {
    if (!(error instanceof RetailError) || error.code === 'stopped') throw error
    const { message, why, advice } = error
    return { name, state: 'missing', about: why ? `${message}: ${why}` : message, fix: advice ? [advice] : [] }
  }
}
