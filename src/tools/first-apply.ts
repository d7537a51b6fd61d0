import { type Advice, advise, retail } from '../advice.ts'
import { RetailError } from '../errors.ts'
import type { Explain } from './terraform-errors.ts'

/**
 * What the first apply in a project meets, and later ones do not. Messages as Google sent them to others; each is
 * published: wandb/terraform-google-wandb (key, API), hashicorp/terraform-provider-google #4716 (policy),
 * GoogleCloudPlatform/genai-for-marketing #139 (agent, policy), "Create BigQuery subscriptions", "Troubleshoot a Cloud
 * Storage subscription", "Troubleshoot Cloud Run issues".
 */
const AGENT = /service-\d+@([a-z-]+)\.iam\.gserviceaccount\.com/
const API_IS_NEW = /If you enabled this API recently, wait a few minutes/i
const AGENT_IS_MISSING = /service account \S*service-\d+@\S+ does not exist/i
const ACCOUNT_IS_NEW = /service account \S+@\S+\.iam\.gserviceaccount\.com does not exist/i
const AGENT_LACKS =
  /did not have the necessary permissions configured|does not have the necessary .* role|Permission denied on Cloud KMS key|Service Agent \S* ?must have permission to read the image/i
const POLICY = /violates constraint '?(?:constraints\/)?([\w.]+)|Constraint '?constraints\/([\w.]+)'? violated/i
const POLICY_OF_MEMBERS = /do not belong to a permitted customer/i

/** Whether the same apply succeeds some minutes later: Google has not yet seen everywhere what it created before. */
export const passesByWaiting = (said: string): boolean =>
  [API_IS_NEW, ACCOUNT_IS_NEW, AGENT_LACKS].some((pattern) => pattern.test(said))

/** How people call an agent whose name is in its address. */
const AGENTS: Record<string, string> = {
  'gcp-sa-pubsub': 'Pub/Sub',
  'gs-project-accounts': 'Cloud Storage',
  'serverless-robot-prod': 'Cloud Run',
  'gcp-sa-artifactregistry': 'Artifact Registry',
  'gcp-sa-cloudscheduler': 'Cloud Scheduler',
}
const agentIn = (said: string): string => {
  const name = AGENT.exec(said)?.[1] ?? ''
  return AGENTS[name] ?? (/Cloud Storage service account/.test(said) ? 'Cloud Storage' : name || 'the service')
}

export const FIRST_APPLY: [RegExp, Explain][] = [
  [
    POLICY,
    (_, said) => {
      const [, one, other] = POLICY.exec(said) ?? []
      const constraint = `constraints/${one ?? other}`
      const hint = constraint.endsWith('resourceLocations')
        ? advise`set gcp.location and gcp.region to allowed ones in retail.yaml, then: ${retail('infra', 'plan')}`
        : 'ask an administrator of the organization for an exception, or use another project'
      return forbidden(said, `an organization policy forbids this: ${constraint}`, hint)
    },
  ],
  [
    POLICY_OF_MEMBERS,
    (_, said) =>
      forbidden(
        said,
        'an organization policy forbids this: constraints/iam.allowedPolicyMemberDomains',
        advise`remove accounts of other domains from impersonators in infra.tfvars, then: ${retail('infra', 'plan')}`,
      ),
  ],
  [
    AGENT_IS_MISSING,
    ({ project, doing }, said) =>
      new RetailError('missing', `the service agent of ${agentIn(said)} does not exist yet in ${project}`, {
        why: sentenceOf(said),
        hint: advise`wait a minute, then: ${retail('infra', doing)}. If it is still missing: gcloud beta services identity create --service ${serviceOf(said)} --project ${project}`,
      }),
  ],
  [
    AGENT_LACKS,
    ({ project, doing }, said) =>
      new RetailError('cloud_denied', `the service agent of ${agentIn(said)} lacks a right in ${project}`, {
        why: sentenceOf(said),
        hint: advise`not your own rights: apply grants it, and Google needs up to seven minutes to see it everywhere. Wait, then: ${retail('infra', doing)}`,
      }),
  ],
  [
    ACCOUNT_IS_NEW,
    ({ doing }, said) =>
      new RetailError('failed', 'Google does not see the new service account everywhere yet', {
        why: sentenceOf(said),
        hint: advise`wait a minute, then: ${retail('infra', doing)}`,
      }),
  ],
  [
    /iam\.service_?accounts\.actAs/i,
    ({ project }, said) =>
      new RetailError(
        'cloud_denied',
        `not allowed to let a job run as its service account: iam.serviceAccounts.actAs`,
        {
          why: sentenceOf(said),
          hint: `ask an owner of the project: gcloud projects add-iam-policy-binding ${project} --member user:YOU --role roles/iam.serviceAccountUser`,
        },
      ),
  ],
  [
    /Image '?\S+'? not found|MANIFEST_UNKNOWN|name unknown: Repository/i,
    (_, said) =>
      new RetailError('missing', 'the image of the job does not exist', {
        why: sentenceOf(said),
        hint: advise`build it: ${retail('infra', 'image')}`,
      }),
  ],
]

const serviceOf = (said: string): string => {
  const agent = AGENT.exec(said)?.[1] ?? ''
  return `${{ 'gs-project-accounts': 'storage', 'serverless-robot-prod': 'run' }[agent] ?? agent.replace('gcp-sa-', '')}.googleapis.com`
}

const forbidden = (said: string, message: string, hint: Advice) =>
  new RetailError('cloud_denied', message, { why: sentenceOf(said), hint })

/** The first error, in one line. */
const sentenceOf = (said: string): string => {
  const line = (said.split('\n')[0] ?? '').replace(/^Error: /, '')
  return line.length > 300 ? `${line.slice(0, 297)}…` : line
}
