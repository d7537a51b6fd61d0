import type { PlanJson } from './changes.ts'
import { type Cost, type CostItem, DAYS, item } from './cost.ts'
import { runsAMonth } from './cron.ts'
import { prices } from './prices.ts'

/** A resource that exists after the apply. */
interface Planned {
  type: string
  name: string
  after: Record<string, unknown>
}

/** What the jobs work on. */
export interface Volumes {
  rows: number
  eventsAMonth: number
}

/** Our guesses: nobody has run a job there. The first is the start of a container, the second BigQuery's answer. */
const START_SECONDS = 20
const STATEMENT_SECONDS = 3
/** [M] Statements of a run, counted by the proxy of the emulators. */
const STATEMENTS = { load: 2, transform: 19, verify: 23 }
/** [M] dbt itself, for 13 models and 40 tests: the README's demo. */
const DBT_SECONDS = 10
/** [M] on two cores: 15,000 events from the Pub/Sub emulator in 4 to 6 s; 200 million rows in 47 s (bench/RESULTS.md). */
const LOADED_PER_SECOND = 2_500
const VERIFIED_PER_SECOND = 4_000_000
const MEASURED_ON_CPUS = 2
/** The image has two Python environments and Node. */
const IMAGE_GB = 0.8
const KEPT_IMAGES = 2
/** What Google says to expect for each vCPU. */
const KAFKA_DISK_GIB = 100
const MONTH_SECONDS = DAYS * 86_400

/** Adds what the options of infra.tfvars cost: of what is planned, not of what is written there. */
export function withOptions(cost: Cost, plan: PlanJson, volumes: Volumes): Cost {
  const planned = plannedIn(plan)
  const of = (type: string) => planned.filter((each) => each.type === type)
  const runs = of('google_cloud_scheduler_job').map(({ name, after }) => {
    const times = runsAMonth(String(after.schedule)) ?? 0
    const job = of('google_cloud_run_v2_job').find((each) => each.name === name)
    const size = sizeOf(job)
    return { ...size, name, times, seconds: secondsOf({ name, job, times, cpus: size.cpus }, volumes) }
  })
  const pools = of('google_cloud_run_v2_worker_pool').map((pool) => ({
    ...sizeOf(pool),
    ...{ name: 'pool', times: 1, seconds: MONTH_SECONDS },
  }))
  const total = (unit: 'cpus' | 'gib') =>
    [...runs, ...pools].reduce((sum, each) => sum + each[unit] * each.times * each.seconds, 0)
  const repositories = of('google_artifact_registry_repository').length
  const alerts = of('google_monitoring_alert_policy').length
  const clusters = of('google_managed_kafka_cluster').map(({ after }) => capacityOf(after))
  const items: CostItem[] = [
    ...clusters.flatMap(({ vcpus, gib }) => [
      item(prices.kafka, (vcpus * 0.6 + gib * 0.1) * DAYS * 24),
      item(prices.kafkaDisk, vcpus * KAFKA_DISK_GIB),
    ]),
    ...(runs.length + pools.length > 0 ? [item(prices.cpu, total('cpus')), item(prices.memory, total('gib'))] : []),
    ...(runs.length > 0 ? [item(prices.schedules, runs.length)] : []),
    ...(repositories > 0 ? [item(prices.images, repositories * IMAGE_GB * KEPT_IMAGES)] : []),
    ...(alerts > 0 ? [item(prices.alerts, alerts)] : []),
  ]
  if (items.length === 0) return cost
  const monthly = cost.monthly + items.reduce((sum, { usd }) => sum + usd, 0)
  return {
    ...cost,
    monthly: Math.round(monthly * 100) / 100,
    items: [...cost.items, ...items],
    assumptions: [
      ...cost.assumptions.slice(0, -1),
      ...assumptionsOf(runs, pools.length),
      ...(clusters.length > 0 ? [KAFKA] : []),
      LEFT_OUT,
    ],
  }
}

const LEFT_OUT =
  'not included: a backfill on Cloud Run, once, builds of images (2,500 minutes a month are free), keys, Spark, the archive, egress from Google Cloud, logs, taxes'

const KAFKA =
  'the Kafka cluster runs all the time, with 100 GiB of disk for each vCPU, as Google says to expect; traffic between zones and Private Service Connect are not included'

function assumptionsOf(runs: readonly { name: string; times: number; seconds: number }[], pools: number): string[] {
  const jobs = runs.map(({ name, times, seconds }) => `${name} ${Math.round(times)} times, ${duration(seconds)} each`)
  return [
    ...(jobs.length > 0
      ? [
          `jobs run by their schedules in a month: ${jobs.join('; ')}`,
          `how long a run takes was not measured on Cloud Run: it is ${START_SECONDS} s to start and ${STATEMENT_SECONDS} s for each of BigQuery's answers, which are guesses, and our own work as measured on another machine`,
        ]
      : []),
    ...(pools > 0 ? ['the worker pool runs a stream all the time'] : []),
  ]
}

const duration = (seconds: number) => (seconds < 3600 ? `${seconds} s` : `${Math.round(seconds / 360) / 10} h`)

function plannedIn({ resource_changes: changes = [] }: PlanJson): Planned[] {
  return changes.flatMap(({ type, mode, index, change: { after } }) =>
    mode === 'managed' && after ? [{ type, name: String(index ?? ''), after }] : [],
  )
}

/** The first of the nested blocks with these names: terraform writes each as a list. */
const within = (value: unknown, ...names: string[]): unknown =>
  names.reduce<unknown>((at, name) => {
    const inner = (at as Record<string, unknown> | undefined)?.[name]
    return Array.isArray(inner) ? inner[0] : inner
  }, value)

/** Of a Kafka cluster: whole numbers, as text. */
function capacityOf(after: Planned['after']): { vcpus: number; gib: number } {
  const { vcpu_count, memory_bytes } = within(after, 'capacity_config') as Record<string, string>
  return { vcpus: Number(vcpu_count), gib: Number(memory_bytes) / 2 ** 30 }
}

/** vCPUs and GiB of a job's or a pool's container. */
function sizeOf(planned: Planned | undefined): { cpus: number; gib: number } {
  const template = within(planned?.after, 'template')
  const container = within(template, 'template', 'containers') ?? within(template, 'containers')
  const limits = (within(container, 'resources', 'limits') ?? {}) as { cpu?: string; memory?: string }
  const [, amount = '0', unit] = /^(\d+(?:\.\d+)?)(Mi|Gi)$/.exec(limits.memory ?? '') ?? []
  const cpu = limits.cpu ?? '0'
  return {
    cpus: cpu.endsWith('m') ? Number.parseInt(cpu, 10) / 1000 : Number(cpu),
    gib: Number(amount) / (unit === 'Mi' ? 1024 : 1),
  }
}

/** A stream's own flags say how long it runs. */
function secondsOf(
  { name, job, times, cpus }: { name: string; job: Planned | undefined; times: number; cpus: number },
  { rows, eventsAMonth }: Volumes,
): number {
  const args = (within(job?.after, 'template', 'template', 'containers') as { args?: string[] } | undefined)?.args ?? []
  const hours = /^(\d+)h$/.exec(args[args.indexOf('--duration') + 1] ?? '')?.[1]
  if (hours !== undefined) return Number(hours) * 3600
  const speed = Math.max(cpus, 1) / MEASURED_ON_CPUS
  const work: Record<string, number> = {
    load: eventsAMonth / Math.max(times, 1) / LOADED_PER_SECOND,
    transform: DBT_SECONDS,
    verify: rows / VERIFIED_PER_SECOND,
  }
  const answers = STATEMENT_SECONDS * (STATEMENTS[name as keyof typeof STATEMENTS] ?? 0)
  return Math.round(START_SECONDS + answers + (work[name] ?? 0) / speed)
}
