import type { GcpConfig } from './schema.ts'

/** Who may do what: one service account per group of commands. */
export const accountRoles = ['backfill', 'stream', 'load', 'transform', 'verify', 'dashboard'] as const
export type AccountRole = (typeof accountRoles)[number]

/** What everything is called in the cloud. `terraform/` derives the same names from the same three words; a test compares. */
export function gcpNames({ project, bucket, dataset, prefix, ingest }: GcpConfig) {
  // A bucket's name has at most 63 letters.
  const stateBucket = `${bucket.slice(0, 63 - '-tfstate'.length)}-tfstate`
  const way = ingest === 'load' ? 'load' : 'bigquery'
  return {
    bucket,
    stateBucket,
    datasets: { raw: `${dataset}_raw`, staging: `${dataset}_staging`, marts: `${dataset}_marts` },
    topics: { transactions: `${prefix}-transactions`, inventories: `${prefix}-inventories` },
    subscriptions: { transactions: `${prefix}-transactions-${way}`, inventories: `${prefix}-inventories-${way}` },
    /** both a topic and the subscription that keeps what comes there */
    deadLetter: `${prefix}-dead-letter`,
    accounts: Object.fromEntries(
      accountRoles.map((role) => [role, `${prefix}-${role}@${project}.iam.gserviceaccount.com`]),
    ) as Record<AccountRole, string>,
  }
}
