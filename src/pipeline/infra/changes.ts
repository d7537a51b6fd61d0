/** The fields of a plan, as `terraform show -json` prints it, that we read. */
export interface PlanJson {
  resource_changes?: {
    address: string
    mode: string
    type: string
    name: string
    /** The key of `for_each`, or the number of `count`. */
    index?: string | number
    change: {
      actions: ('no-op' | 'create' | 'read' | 'update' | 'delete' | 'forget')[]
      before?: Record<string, unknown> | null
      /** Its arguments, as far as they are known; null if it is destroyed. */
      after?: Record<string, unknown> | null
    }
  }[]
  /** The state after it was refreshed from the cloud. */
  prior_state?: { values?: { root_module?: StateModule } }
}

interface StateModule {
  resources?: StateResource[]
  child_modules?: StateModule[]
}

export interface StateResource {
  address: string
  mode: string
  type: string
  name: string
  values: Record<string, unknown>
}

export interface Counts {
  add: number
  change: number
  destroy: number
}

export interface Changes extends Counts {
  kinds: ({ kind: string } & Counts)[]
  /** Addresses of resources with data that would be destroyed, or replaced by empty ones. */
  lost: string[]
}

/** Names for people, in the order in which data flows. */
const KINDS: [RegExp, string][] = [
  [/^google_project_service$/, 'API'],
  [/^google_storage_bucket$/, 'bucket'],
  [/^google_pubsub_topic$/, 'topic'],
  [/^google_pubsub_subscription$/, 'subscription'],
  [/^google_bigquery_dataset$/, 'dataset'],
  [/^google_bigquery_table$/, 'table'],
  [/^google_service_account$/, 'service account'],
  [/_iam_member$|_dataset_access$/, 'grant'],
  [/^google_artifact_registry_repository$/, 'repository of images'],
  [/^google_cloud_run_v2_job$/, 'Cloud Run job'],
  [/^google_cloud_run_v2_worker_pool$/, 'Cloud Run worker pool'],
  [/^google_cloud_scheduler_job$/, 'schedule'],
  [/^google_bigquery_connection$/, 'connection of BigQuery'],
  [/^google_managed_kafka_cluster$/, 'Kafka cluster'],
  [/^google_managed_kafka_topic$/, 'Kafka topic'],
  [/^google_monitoring_alert_policy$/, 'alert'],
  [/^google_monitoring_notification_channel$/, 'mail address'],
  [/^google_billing_budget$/, 'budget'],
  [/^google_compute_/, 'network part'],
]
const HOLDS_DATA =
  /^google_(storage_bucket|bigquery_dataset|bigquery_table|pubsub_topic|pubsub_subscription|managed_kafka_cluster|managed_kafka_topic)$/
const LABELLED =
  /^google_(storage_bucket|bigquery_dataset|bigquery_table|pubsub_topic|pubsub_subscription|cloud_run_v2_job|cloud_run_v2_worker_pool|artifact_registry_repository|managed_kafka_cluster)$/

/** The changes, counted as terraform counts them: a replacement is one addition and one destruction. */
export function changesOf(plan: PlanJson): Changes {
  const kinds = new Map<string, Counts>(KINDS.map(([, kind]) => [kind, { add: 0, change: 0, destroy: 0 }]))
  const lost: string[] = []
  for (const { address, mode, type, change } of plan.resource_changes ?? []) {
    if (mode !== 'managed') continue
    const kind = kindOf(type)
    const counts = kinds.get(kind) ?? { add: 0, change: 0, destroy: 0 }
    kinds.set(kind, counts)
    if (change.actions.includes('create')) counts.add++
    if (change.actions.includes('update')) counts.change++
    if (!change.actions.includes('delete')) continue
    counts.destroy++
    if (HOLDS_DATA.test(type) && !isExternal(change.before)) lost.push(address)
  }
  const changed = [...kinds].map(([kind, counts]) => ({ kind, ...counts })).filter(isChange)
  const sum = (of: keyof Counts) => changed.reduce((total, each) => total + each[of], 0)
  return { add: sum('add'), change: sum('change'), destroy: sum('destroy'), kinds: changed, lost }
}

/** A table over files elsewhere has no rows of its own. */
function isExternal(before: Record<string, unknown> | null | undefined): boolean {
  const files = before?.external_data_configuration
  return Array.isArray(files) && files.length > 0
}

/** The services that the plan enables: `pubsub`. */
export function newServicesOf(plan: PlanJson): string[] {
  return (plan.resource_changes ?? [])
    .filter(({ type, change }) => type === 'google_project_service' && change.actions.includes('create'))
    .map(({ change }) => String(change.after?.service).replace('.googleapis.com', ''))
}

export const isChange = ({ add, change, destroy }: Counts): boolean => add + change + destroy > 0

export const kindOf = (type: string): string => KINDS.find(([pattern]) => pattern.test(type))?.[1] ?? type

/** Every resource in terraform's state, including those of modules. */
export function resourcesOf(plan: PlanJson): StateResource[] {
  const within = (module: StateModule | undefined): StateResource[] =>
    module ? [...(module.resources ?? []), ...(module.child_modules ?? []).flatMap(within)] : []
  return within(plan.prior_state?.values?.root_module).filter(({ mode }) => mode === 'managed')
}

/** Addresses of resources that support our label and lack it. */
export function unlabelled(resources: readonly StateResource[]): string[] {
  return resources
    .filter(({ type, values }) => LABELLED.test(type) && !isOurs(values.labels) && !isOurs(values.effective_labels))
    .map(({ address }) => address)
}

export const isOurs = (labels: unknown): boolean =>
  typeof labels === 'object' && labels !== null && (labels as Record<string, unknown>)['managed-by'] === 'retail'

/** Resources that are protected from destruction until an apply removes the protection. */
export const isProtected = ({ type }: StateResource): boolean =>
  /^google_(storage_bucket|bigquery_dataset|bigquery_table|cloud_run_v2_job|cloud_run_v2_worker_pool)$/.test(type)
