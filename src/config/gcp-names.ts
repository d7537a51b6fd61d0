import type { GcpConfig } from './schema.ts'

/** One service account per group of commands. */
export const accountRoles = ['backfill', 'stream', 'load', 'transform', 'verify', 'dashboard'] as const
export type AccountRole = (typeof accountRoles)[number]

/**
 * The names of all cloud resources. `terraform/` derives the same names from the same three words; a test compares
 * them.
 */
export function gcpNames({ project, bucket, dataset, prefix, ingest }: GcpConfig) {
  // A bucket name has at most 63 characters.
  const stateBucket = `${bucket.slice(0, 63 - '-tfstate'.length)}-tfstate`
  const way = ingest === 'load' ? 'load' : 'bigquery'
  return {
    bucket,
    stateBucket,
    datasets: {
      raw: `${dataset}_raw`,
      staging: `${dataset}_staging`,
      /** Where dbt makes the marts; readers have no right on it. */
      build: `${dataset}_build`,
      marts: `${dataset}_marts`,
    },
    topics: { transactions: `${prefix}-transactions`, inventories: `${prefix}-inventories` },
    subscriptions: { transactions: `${prefix}-transactions-${way}`, inventories: `${prefix}-inventories-${way}` },
    /** Names both a topic and the subscription that retains its messages. */
    deadLetter: `${prefix}-dead-letter`,
    accounts: Object.fromEntries(
      accountRoles.map((role) => [role, `${prefix}-${role}@${project}.iam.gserviceaccount.com`]),
    ) as Record<AccountRole, string>,
  }
}
