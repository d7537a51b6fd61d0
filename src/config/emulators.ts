import { RetailError } from '../errors.ts'
import type { Config } from './schema.ts'

/** Servers on this machine that implement Google's protocols: their URLs, without a trailing slash. */
export interface Emulators {
  storage: string
  pubsub: string
  bigquery: string
  /** host:port of its gRPC services; only `load` calls them. */
  bigqueryStorage: string | undefined
}

const VARIABLES = {
  storage: 'STORAGE_EMULATOR_HOST',
  pubsub: 'PUBSUB_EMULATOR_HOST',
  bigquery: 'RETAIL_BIGQUERY_ENDPOINT',
} as const

/** All three or none: with only some of them, other calls would go to Google. */
export function emulatorsOf(env: Readonly<Record<string, string | undefined>>): Emulators | undefined {
  const names = Object.values(VARIABLES)
  const missing = names.filter((name) => !env[name])
  if (missing.length === names.length) return undefined
  if (missing.length > 0)
    throw new RetailError(
      'bad_config',
      `only some emulators are configured: ${missing.join(' and ')} ${missing.length === 1 ? 'is' : 'are'} not set`,
      {
        why: 'calls to the other services would go to Google',
        hint: `set all of ${names.join(', ')}, or unset them all`,
      },
    )
  const address = (name: string) => env[name]!.replace(/^(?!https?:\/\/)/, 'http://').replace(/\/+$/, '')
  return {
    storage: address(VARIABLES.storage),
    pubsub: address(VARIABLES.pubsub),
    bigquery: address(VARIABLES.bigquery),
    bigqueryStorage: env.RETAIL_BIGQUERY_STORAGE_ENDPOINT || undefined,
  }
}

/** `calling Google Cloud: project my-shop, bucket my-shop-retail, datasets retail_*`, and the identity. */
export function whomWeCall({ gcp }: Config, env: Readonly<Record<string, string | undefined>>): string {
  if (!gcp) return 'calling no service'
  const emulators = emulatorsOf(env)
  const whom = emulators
    ? `emulators at ${[...new Set(Object.values(emulators))].filter((address) => address !== undefined).join(', ')}`
    : 'Google Cloud'
  const as = gcp.impersonate && !emulators ? `, as ${gcp.impersonate}` : ''
  return `calling ${whom}: project ${gcp.project}, bucket ${gcp.bucket}, datasets ${gcp.dataset}_*${as}`
}
