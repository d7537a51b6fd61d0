/**
 * Google Cloud's limits for one project, on the date that its pages were last read. A limit is fixed; a quota can be
 * raised on request. Sources: cloud.google.com/bigquery/quotas, /pubsub/quotas, /run/quotas.
 */
export const limitList = {
  date: '2025-08',
  source: 'cloud.google.com/{bigquery,pubsub,run}/quotas',
} as const

const TB = 10 ** 12

/** Of Pub/Sub. */
export const LARGE_REGIONS: readonly string[] = ['europe-west1', 'us-central1', 'us-east1']

export interface Limit {
  what: string
  unit: string
  /** In Google's largest locations: the multi-regions of BigQuery, LARGE_REGIONS of Pub/Sub. */
  most: number
  /** In every other location, at least this much. */
  elsewhere?: number
  /** It cannot be raised. */
  fixed: boolean
}

export const limits = {
  loadJobs: { what: 'load jobs per table per day', unit: 'jobs', most: 1_500, fixed: true },
  loadUris: { what: 'objects per load job', unit: 'objects', most: 10_000, fixed: true },
  loadBytes: { what: 'bytes per load job', unit: 'bytes', most: 15 * TB, fixed: true },
  partitions: { what: 'partitions per table', unit: 'days', most: 10_000, fixed: true },
  jobPartitions: { what: 'partitions changed per job', unit: 'days', most: 4_000, fixed: true },
  partitionChanges: { what: 'partition changes per table per day', unit: 'changes', most: 30_000, fixed: true },
  tasks: { what: 'tasks per Cloud Run job', unit: 'tasks', most: 10_000, fixed: true },
  taskSeconds: { what: 'duration of a Cloud Run task', unit: 'seconds', most: 86_400, fixed: true },
  published: {
    what: 'published to Pub/Sub',
    unit: 'bytes/s',
    most: 4 * 10 ** 9,
    elsewhere: 0.2 * 10 ** 9,
    fixed: false,
  },
  pulled: { what: 'pulled from Pub/Sub', unit: 'bytes/s', most: 4 * 10 ** 9, elsewhere: 0.2 * 10 ** 9, fixed: false },
  toBigquery: {
    what: 'written by BigQuery subscriptions',
    unit: 'bytes/s',
    most: 1.5 * 10 ** 9,
    elsewhere: 0.24 * 10 ** 9,
    fixed: false,
  },
  appended: {
    what: 'written by the Storage Write API',
    unit: 'bytes/s',
    most: 3 * 10 ** 9,
    elsewhere: 0.3 * 10 ** 9,
    fixed: false,
  },
  writeStreams: { what: 'write streams opened', unit: 'per hour', most: 10_000, fixed: false },
} as const satisfies Record<string, Limit>

/**
 * CPU seconds of the first transform of a local workspace, of all processes, and the memory of the largest of them with
 * the most rows. The larger size is that of bench/RESULTS.md, 2026-11-30.
 */
export const transformed = {
  first: [
    // Most of it is the start of dbt.
    { rows: 0, seconds: 9 },
    { rows: 481_878, seconds: 9.1 },
    { rows: 101_623_049, seconds: 27.3 },
  ],
  memory: { rows: 101_623_049, bytes: 526_000_000 },
} as const

/** Measured rates of one retail process on two cores; against the emulators where Google Cloud is involved. */
export const measured = {
  localEventsPerSecond: 2_000_000,
  publishedPerSecond: 57_000,
  /** To Kafka, as JSON; the broker was on the same machine. */
  sentPerSecond: 101_000,
  loadedPerSecond: 6_000,
} as const
