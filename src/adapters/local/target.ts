import { advise, retail } from '../../advice.ts'
import type { Target } from '../target.ts'

/** A folder of Parquet files, and a DuckDB file whose views read them. */
export const localTarget: Target = {
  name: 'local',
  lake: { timestamps: 'plain', threads: true, repairs: true },
  warehouse: {
    product: 'DuckDB',
    raw: { of: 'views' },
    billed: false,
    statistics: { can: true },
  },
  events: { by: 'lake' },
  infra: { needed: false, why: 'data goes to files in the workspace' },
  job: {
    can: false,
    why: 'it runs on this machine only',
    hint: advise`${retail('init', '--target', 'gcp')}, or split the work yourself: ${retail('backfill', '--shard', '1/8')}`,
  },
  preflight: { checks: false },
  whomItCalls: () => undefined,
  open: async (config) => (await import('./index.ts')).openLocal(config),
  openLake: async (config) => (await import('./index.ts')).openLocal(config),
}
