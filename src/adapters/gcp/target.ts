import { advise, retail } from '../../advice.ts'
import { cloudConfig } from '../../config/cloud-config.ts'
import { whomWeCall } from '../../config/emulators.ts'
import type { Config } from '../../config/schema.ts'
import type { Target } from '../target.ts'
import { arrivalOf } from './arrival.ts'
import { permissionsOfApply } from './roles.ts'

/** A bucket, Pub/Sub and BigQuery in one project. */
export const gcpTarget: Target = {
  name: 'gcp',
  lake: { timestamps: 'utc', threads: true, repairs: false },
  warehouse: {
    product: 'BigQuery',
    raw: { of: 'rows', removal: (dataset, table) => ['bq', 'rm', '-t', `${dataset.replace('.', ':')}.${table}`] },
    billed: true,
    statistics: {
      can: false,
      why: 'its queries use functions that BigQuery does not have',
      hint: advise`generate the same world in a workspace with target local, and run ${retail('verify', '--realism')} there`,
    },
  },
  events: { by: 'broker', arrival: (config: Config) => arrivalOf(cloudConfig(config).gcp) },
  infra: {
    needed: true,
    configOf: cloudConfig,
    openInventory: async (config) => (await import('./inventory.ts')).openGcpInventory(config),
    openAgents: async (config) => (await import('./service-agents.ts')).serviceAgents(config),
    openImages: async (config) => (await import('./image-builder.ts')).openImageBuilder(config),
  },
  job: { can: true, open: async (config) => (await import('./run-job.ts')).openRunJob(config) },
  preflight: {
    checks: true,
    permissionsFor: permissionsOfApply,
    configOf: cloudConfig,
    openPermissions: async (config) => (await import('./permissions.ts')).openPermissions(config),
    openBilling: async (config) => (await import('./billing.ts')).billing(config),
  },
  whomItCalls: whomWeCall,
  open: async (config) => (await import('./index.ts')).openGcp(config),
  openLake: async (config) => (await import('./index.ts')).openGcpLake(config),
}
