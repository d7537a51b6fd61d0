import { gcpNames } from '../../config/gcp-names.ts'
import type { GcpConfig } from '../../config/schema.ts'
import type { Arrival } from '../../ports/index.ts'
import { facts } from '../../tables/index.ts'

/** What writes events from Pub/Sub to BigQuery, according to the config. */
export function arrivalOf(gcp: GcpConfig): Arrival {
  if (gcp.ingest === 'subscription')
    return { by: 'itself', what: 'a BigQuery subscription', setting: 'gcp.ingest: subscription' }
  const { datasets, subscriptions } = gcpNames(gcp)
  return { by: 'load', from: facts.map(({ name }) => subscriptions[name]), into: datasets.raw }
}
