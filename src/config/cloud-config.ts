import { advise, retail } from '../advice.ts'
import { RetailError } from '../errors.ts'
import type { Config, GcpConfig } from './schema.ts'

/** A config with a location in Google Cloud. */
export type CloudConfig = Config & { readonly gcp: GcpConfig }

export function cloudConfig(config: Config): CloudConfig {
  const { gcp } = config
  if (gcp) return { ...config, gcp }
  throw new RetailError('bad_config', 'target gcp needs a gcp section with project and bucket', {
    hint: advise`${retail('init', '--target', 'gcp')}`,
  })
}
