/**
 * Google's prices in US dollars, on the date that its price pages were last read: list prices of location US, without
 * discounts. Other locations differ by up to a half. Sources: cloud.google.com/storage/pricing, /bigquery/pricing,
 * /pubsub/pricing, /run/pricing, /scheduler/pricing, /artifact-registry/pricing, /stackdriver/pricing,
 * /managed-service-for-apache-kafka/pricing.
 */
export const priceList = {
  date: '2025-08',
  source: 'cloud.google.com/{storage,bigquery,pubsub,run}/pricing, location US',
} as const

const GIB = 2 ** 30
const TIB = 2 ** 40

export interface Price {
  what: string
  unit: string
  /** Price per unit. */
  size: number
  usd: number
  /** Free units per month. */
  free: number
}

export const prices = {
  /** Standard class, multi-region US; us-central1 is 0.020. */
  lakeStorage: { what: 'Cloud Storage, standard', unit: 'GiB a month', size: GIB, usd: 0.026, free: 0 },
  /** Class A, multi-region. */
  lakeWrites: { what: 'Cloud Storage, objects written', unit: '1,000 writes', size: 1_000, usd: 0.01, free: 0 },
  /** Active logical storage; after 90 days without a change, half of it. */
  tableStorage: { what: 'BigQuery storage', unit: 'GiB a month', size: GIB, usd: 0.02, free: 10 },
  queries: { what: 'BigQuery queries, on demand', unit: 'TiB read', size: TIB, usd: 6.25, free: 1 },
  writeApi: { what: 'BigQuery Storage Write API', unit: 'GiB written', size: GIB, usd: 0.025, free: 2048 },
  /** Publishing and delivery both count. */
  messages: { what: 'Pub/Sub messages', unit: 'TiB in and out', size: TIB, usd: 40, free: 10 / 1024 },
  messagesToBigquery: { what: 'Pub/Sub BigQuery subscription', unit: 'TiB written', size: TIB, usd: 50, free: 0 },
  /** For jobs, in tier 1 regions such as us-central1. */
  cpu: { what: 'Cloud Run job, CPU', unit: '1,000 vCPU seconds', size: 1_000, usd: 0.018, free: 240 },
  memory: { what: 'Cloud Run job, memory', unit: '1,000 GiB seconds', size: 1_000, usd: 0.002, free: 450 },
  /** A vCPU is 0.6 DCU, a GiB of memory 0.1; us-central1. */
  kafka: { what: 'Managed Kafka, compute', unit: 'DCU hours', size: 1, usd: 0.09, free: 0 },
  /** Billed as it is used; taken from the price of an SSD persistent disk. */
  kafkaDisk: { what: 'Managed Kafka, local disks', unit: 'GiB a month', size: 1, usd: 0.17, free: 0 },
  /** For each of them, whatever it starts. */
  schedules: { what: 'Cloud Scheduler', unit: 'jobs', size: 1, usd: 0.1, free: 3 },
  images: { what: 'Artifact Registry', unit: 'GB a month', size: 1, usd: 0.1, free: 0.5 },
  /** Announced, for May 2026 at the earliest; until then they are free. */
  alerts: { what: 'Cloud Monitoring, alerts', unit: 'conditions', size: 1, usd: 0.1, free: 0 },
  /** Messages that a topic retains after they were acknowledged. */
  retention: { what: 'Pub/Sub retained messages', unit: 'GiB a month', size: GIB, usd: 0.27, free: 0 },
} as const satisfies Record<string, Price>
