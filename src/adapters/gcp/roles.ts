type Roles = Readonly<Record<string, string>>

const ALWAYS: Roles = {
  'serviceusage.services.enable': 'roles/serviceusage.serviceUsageAdmin',
  'storage.buckets.create': 'roles/storage.admin',
  'pubsub.topics.create': 'roles/pubsub.admin',
  'bigquery.datasets.create': 'roles/bigquery.admin',
  'iam.serviceAccounts.create': 'roles/iam.serviceAccountAdmin',
  'resourcemanager.projects.setIamPolicy': 'roles/resourcemanager.projectIamAdmin',
}

/** By the options of infra.tfvars. A job runs as an account, which whoever makes the job must be allowed to act as. */
const OPTIONAL: Record<string, Roles> = {
  job: {
    'run.jobs.create': 'roles/run.admin',
    'iam.serviceAccounts.actAs': 'roles/iam.serviceAccountUser',
    'cloudscheduler.jobs.create': 'roles/cloudscheduler.admin',
    'artifactregistry.repositories.create': 'roles/artifactregistry.admin',
    'cloudbuild.builds.create': 'roles/cloudbuild.builds.editor',
  },
  spark: { 'compute.networks.create': 'roles/compute.networkAdmin' },
  kafka: { 'managedkafka.clusters.create': 'roles/managedkafka.admin' },
  delta: { 'bigquery.connections.create': 'roles/bigquery.admin' },
  alerts: { 'monitoring.alertPolicies.create': 'roles/monitoring.editor' },
  kms_key: { 'cloudkms.cryptoKeys.setIamPolicy': 'roles/cloudkms.admin' },
}

/** What `infra apply` needs on the project, with these options. */
export function permissionsOfApply(options: string): Roles {
  const on = Object.entries(OPTIONAL).filter(([name]) => new RegExp(`^\\s*${name}\\s*=(?!\\s*null)`, 'm').test(options))
  return Object.assign({}, ALWAYS, ...on.map(([, roles]) => roles)) as Roles
}
