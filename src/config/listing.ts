import type { LoadedConfig } from './load.ts'
import { type SettingPath, settingPaths, variableOf } from './settings.ts'
import { addressOf } from './sinks.ts'

export interface ConfigListing {
  workspace: string
  /** Absolute path of retail.yaml; null if there is none. */
  file: string | null
  settings: { key: SettingPath | `sinks.${string}`; value: string | number | boolean; source: string }[]
}

/** Every effective value and its source, for `status --config`; for a sink, the address that `stream --to` takes. */
export function configListing({ config, file, sources }: LoadedConfig): ConfigListing {
  const sinks = Object.entries(config.sinks ?? {}).map(([name, sink]) => ({
    ...{ key: `sinks.${name}` as const, value: addressOf(sink), source: 'retail.yaml' },
  }))
  return {
    workspace: config.workspace,
    file: file ?? null,
    settings: [
      ...settingPaths.flatMap((key) => {
        const value = key
          .split('.')
          .reduce<unknown>((at, step) => (at as Record<string, unknown> | undefined)?.[step], config)
        if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean') return []
        const named = {
          flag: 'flag',
          environment: variableOf(key),
          '.env': `.env ${variableOf(key)}`,
          file: 'retail.yaml',
          default: 'default',
        }
        return [{ key, value, source: named[sources[key]] }]
      }),
      ...sinks,
    ],
  }
}
