import { advise, retail } from '../advice.ts'
import { RetailError } from '../errors.ts'
import { FIRST_APPLY } from './first-apply.ts'

export interface TerraformFailure {
  /** plan, apply, … */
  doing: string
  project: string
  /** All of its output. */
  lines: readonly string[]
  /** How to run terraform by hand: `terraform -chdir=.retail/terraform`. */
  byHand: string
  log?: string
}

/** Turns a failure, and what terraform said about it, into our error. */
export type Explain = (failure: TerraformFailure, said: string) => RetailError

/** The role that plan and apply need, by the service that denied access. */
const ROLES: Record<string, string> = {
  artifactregistry: 'roles/artifactregistry.admin',
  bigquery: 'roles/bigquery.admin',
  billing: 'roles/billing.costsManager (on the billing account)',
  cloudbuild: 'roles/cloudbuild.builds.editor',
  cloudkms: 'roles/cloudkms.admin',
  cloudscheduler: 'roles/cloudscheduler.admin',
  compute: 'roles/compute.networkAdmin',
  dataproc: 'roles/dataproc.admin',
  iam: 'roles/iam.serviceAccountAdmin',
  monitoring: 'roles/monitoring.editor',
  pubsub: 'roles/pubsub.admin',
  resourcemanager: 'roles/resourcemanager.projectIamAdmin',
  run: 'roles/run.admin',
  serviceusage: 'roles/serviceusage.serviceUsageAdmin',
  storage: 'roles/storage.admin',
}

const PERMISSION = new RegExp(`\\b((?:${Object.keys(ROLES).join('|')})\\.[A-Za-z]+\\.[A-Za-z]+)`)

const LOGIN = 'gcloud auth application-default login'

/** Errors of terraform and Google, and their meaning; the first match counts. */
const EXPLAINED: [RegExp, Explain][] = [
  [
    /could not find default credentials|Attempted to load application default credentials|no credentials/i,
    (_, said) => denied('no credentials for Google Cloud', firstSentence(said), LOGIN),
  ],
  [
    /invalid_grant|invalid_rapt|reauth|oauth2: .*(expired|revoked|cannot fetch token)|Error 401/i,
    (_, said) => denied('the credentials for Google Cloud have expired', firstSentence(said), LOGIN),
  ],
  [
    /serviceAccounts\.getAccessToken|iamcredentials.*(denied|403)|unable to impersonate/i,
    (_, said) =>
      denied(
        'not allowed to impersonate that service account',
        firstSentence(said),
        'ask for roles/iam.serviceAccountTokenCreator on the account, or do not impersonate',
      ),
  ],
  ...FIRST_APPLY,
  [
    /SERVICE_DISABLED|accessNotConfigured|has not been used in project|API .*is disabled/i,
    ({ project }, said) => {
      const api = /([a-z]+)\.googleapis\.com/.exec(said)?.[1] ?? 'cloudresourcemanager'
      return new RetailError('missing', `the API ${api}.googleapis.com is not enabled in ${project}`, {
        why: 'Terraform enables the APIs it uses, but needs serviceusage and cloudresourcemanager first; enabling an API takes a few minutes to take effect',
        hint: `gcloud services enable serviceusage.googleapis.com cloudresourcemanager.googleapis.com ${api}.googleapis.com --project ${project}, then run it again`,
      })
    },
  ],
  [
    /billing account|billing to be enabled|BILLING_DISABLED|billingNotEnabled|accountDisabled/i,
    ({ project }, said) =>
      new RetailError('missing', `${project} has no billing account`, {
        why: firstSentence(said),
        hint: `gcloud billing projects link ${project} --billing-account ACCOUNT_ID`,
      }),
  ],
  [
    /requested bucket name is not available|bucket name.*(taken|not available)/i,
    (_, said) =>
      new RetailError('bad_config', 'that bucket name is already taken', {
        why: `bucket names are globally unique: ${firstSentence(said)}`,
        hint: advise`choose another gcp.bucket in retail.yaml (one that contains the project id is usually free), then: ${retail('infra', 'plan')}`,
      }),
  ],
  [
    /Error 409|alreadyExists|already exists|already own/i,
    ({ byHand }, said) => {
      const address = /with ([\w.[\]"-]+),/.exec(said)?.[1] ?? 'ADDRESS'
      return new RetailError(
        'foreign_world',
        'the project already has a resource with that name that is not in the Terraform state',
        {
          why: firstSentence(said),
          hint: `choose another gcp.bucket, dataset, or prefix in retail.yaml; or, if retail created it: ${byHand} import '${address}' ID`,
        },
      )
    },
  ],
  [
    /Error 403|PERMISSION_DENIED|permission.*denied|does not have .*(access|permission)|forbidden/i,
    ({ project }, said) => {
      const permission = PERMISSION.exec(said)?.[1]
      const service = permission?.split('.')[0] ?? serviceOf(said)
      const role = service ? ROLES[service] : undefined
      return denied(
        `permission denied in project ${project}${permission ? `: ${permission}` : ''}`,
        firstSentence(said),
        `ask an owner of the project: gcloud projects add-iam-policy-binding ${project} --member user:YOU --role ${role ?? 'ROLE'}`,
      )
    },
  ],
  [
    /Error acquiring the state lock/i,
    ({ byHand, doing }, said) => {
      const field = (name: string) => new RegExp(`${name}:\\s+(\\S.*)`).exec(said)?.[1]?.trim()
      return new RetailError('busy', 'another Terraform run holds the state lock', {
        why: `since ${field('Created') ?? 'some time'}, by ${field('Who') ?? 'somebody'} (${field('Operation')?.replace('OperationType', '').toLowerCase() ?? 'unknown'})`,
        hint: advise`wait for it, then run ${retail('infra', doing)}. Only if it was killed: ${byHand} force-unlock ${field('ID') ?? 'ID'}`,
      })
    },
  ],
  [
    /Failed to query available provider packages|could not connect to registry|Failed to install provider|no available releases match|Failed to resolve provider/i,
    (_, said) =>
      new RetailError('tool_missing', 'the google provider of Terraform could not be downloaded', {
        why: firstSentence(said),
        hint: 'the first run needs registry.terraform.io; without it, set a filesystem_mirror in the file that TF_CLI_CONFIG_FILE names',
      }),
  ],
  [
    /deletion_protection/i,
    (_, said) =>
      new RetailError('failed', 'resources that hold data are protected from deletion', {
        why: firstSentence(said),
        hint: advise`keep them, or set gcp.deletion_protection: false in retail.yaml, then: ${retail('infra', 'apply')}`,
      }),
  ],
  [
    /Error 404.*project|project .*(not found|does not exist)|Unknown project|USER_PROJECT_DENIED/i,
    ({ project }, said) =>
      new RetailError('bad_config', `project ${project} does not exist, or you do not have access to it`, {
        why: firstSentence(said),
        hint: 'run gcloud projects list, then set gcp.project in retail.yaml',
      }),
  ],
  [
    /dial tcp|no such host|connection refused|i\/o timeout|TLS handshake timeout|context deadline exceeded/i,
    ({ doing }, said) =>
      new RetailError('tool_failed', 'Google Cloud cannot be reached', {
        why: firstSentence(said),
        hint: advise`check the network (HTTPS_PROXY?), then: ${retail('infra', doing)}`,
      }),
  ],
]

/** Turns terraform's output into what failed, why, and the command that fixes it. */
export function explainTerraform(failure: TerraformFailure): RetailError {
  const said = errorText(failure.lines)
  for (const [pattern, explain] of EXPLAINED) if (pattern.test(said)) return explain(failure, said)
  return new RetailError('tool_failed', `terraform ${failure.doing} failed`, {
    why: firstSentence(said) || undefined,
    hint: failure.log ? `see ${failure.log}` : undefined,
  })
}

/** Its errors without the box around them. */
export function errorText(lines: readonly string[]): string {
  const plain = lines.map((line) => line.replace(/^[\s╷╵│|]+/, ''))
  const at = plain.findIndex((line) => line.startsWith('Error: '))
  return (at < 0 ? plain.slice(-20) : plain.slice(at)).join('\n').trim()
}

/**
 * `Error: Error creating Topic: googleapi: Error 403: User not authorized …` → its last and most specific part, one
 * line.
 */
function firstSentence(said: string): string {
  const [first = '', ...rest] = said.split('\n').filter((line) => line !== '' && !/^(with|on) /.test(line))
  const line = first.replace(/^Error: /, '')
  // Terraform's own errors have a title, followed by the sentence.
  const specific = /googleapi|: /.test(line) || rest.length === 0 ? line : `${line}: ${rest[0]}`
  return specific.length > 300 ? `${specific.slice(0, 297)}…` : specific
}

const denied = (message: string, why: string, hint: string) => new RetailError('cloud_denied', message, { why, hint })

const BY_TYPE = {
  google_artifact_registry: 'artifactregistry',
  google_cloud_run: 'run',
  google_cloud_scheduler: 'cloudscheduler',
  google_kms: 'cloudkms',
}

/** By the resource that terraform was processing. */
function serviceOf(said: string): string | undefined {
  const type = /with [\w.[\]"-]*?(google_[a-z_0-9]+)\./.exec(said)?.[1]
  if (type === undefined) return /\b(bigquery|pubsub|storage|iam|serviceusage)\b/i.exec(said)?.[1]?.toLowerCase()
  if (type === 'google_project_service') return 'serviceusage'
  if (type.includes('project_iam') || type === 'google_project') return 'resourcemanager'
  if (type.startsWith('google_service_account')) return 'iam'
  for (const [start, service] of Object.entries(BY_TYPE)) if (type.startsWith(start)) return service
  return type.split('_')[1]
}
