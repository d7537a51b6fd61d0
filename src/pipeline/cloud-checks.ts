import type { CloudHere } from '../config/cloud-here.ts'
import type { GcpConfig } from '../config/schema.ts'
import { RetailError } from '../errors.ts'
import type { FindLacking } from '../ports/index.ts'

/** warn: works, but not as meant; missing: the next command would fail. */
export interface CloudCheck {
  name: 'login' | 'quota project' | 'roles'
  state: 'ok' | 'warn' | 'missing'
  about: string
  /** the commands that mend it */
  mend: string[]
}

/** What `infra apply` does, and the role that allows it. */
const ROLES: Record<string, string> = {
  'serviceusage.services.enable': 'roles/serviceusage.serviceUsageAdmin',
  'storage.buckets.create': 'roles/storage.admin',
  'pubsub.topics.create': 'roles/pubsub.admin',
  'bigquery.datasets.create': 'roles/bigquery.admin',
  'iam.serviceAccounts.create': 'roles/iam.serviceAccountAdmin',
  'resourcemanager.projects.setIamPolicy': 'roles/resourcemanager.projectIamAdmin',
}

/** Whether this machine and this account are ready for `infra apply`. Without a login nobody is asked. */
export async function checkCloud(
  { login }: CloudHere,
  { project, impersonate }: GcpConfig,
  findLacking: FindLacking,
  signal?: AbortSignal,
): Promise<CloudCheck[]> {
  if (!login)
    return [
      {
        name: 'login',
        state: 'missing',
        about: 'no application default credentials on this machine',
        mend: ['gcloud auth application-default login'],
      },
    ]
  const who = login.account ? ` of ${login.account}` : ''
  const as = impersonate ? `, acting as ${impersonate}` : ''
  const checks: CloudCheck[] = [
    { name: 'login', state: 'ok', about: `${login.type}${who}${as}, from ${login.file}`, mend: [] },
  ]
  if (login.type === 'authorized_user') checks.push(quotaCheck(login.quotaProject, project))
  return [...checks, await rolesCheck(project, impersonate ?? login.account, findLacking, signal)]
}

function quotaCheck(quotaProject: string | undefined, project: string): CloudCheck {
  const name = 'quota project'
  if (quotaProject === project) return { name, state: 'ok', about: project, mend: [] }
  return {
    name,
    state: 'warn',
    about: quotaProject
      ? `calls count against ${quotaProject}, and need its APIs and your rights there, although ${project} is used`
      : 'none: some APIs refuse calls of a person that count against no project',
    mend: [`gcloud auth application-default set-quota-project ${project}`],
  }
}

async function rolesCheck(
  project: string,
  account: string | undefined,
  findLacking: FindLacking,
  signal: AbortSignal | undefined,
): Promise<CloudCheck> {
  const name = 'roles'
  try {
    const lacking = await findLacking(Object.keys(ROLES), signal)
    if (lacking.length === 0) return { name, state: 'ok', about: `all that infra apply needs in ${project}`, mend: [] }
    const kind = account?.endsWith('.gserviceaccount.com') ? 'serviceAccount' : 'user'
    const member = `${kind}:${account ?? 'YOU@EXAMPLE.COM'}`
    return {
      name,
      state: 'missing',
      about: `not allowed in ${project}: ${lacking.join(', ')}`,
      mend: lacking.map(
        (permission) =>
          `gcloud projects add-iam-policy-binding ${project} --member ${member} --role ${ROLES[permission]} --condition None`,
      ),
    }
  } catch (error) {
    if (!(error instanceof RetailError) || error.code === 'stopped') throw error
    const { message, why, hint } = error
    return { name, state: 'missing', about: why ? `${message}: ${why}` : message, mend: hint ? [hint] : [] }
  }
}
