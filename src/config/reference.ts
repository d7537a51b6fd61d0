import { configJsonSchema } from './json-schema.ts'
import { configSchema } from './schema.ts'
import { flagOf, type SettingPath, settingPaths, settings, variableOf } from './settings.ts'

interface Property {
  type?: string
  format?: string
  enum?: (string | number)[]
  default?: string | number | boolean
  minimum?: number
  maximum?: number
  properties?: Record<string, Property>
}

/** Flags that stand over a setting in every command that reads it. */
const withFlag: readonly SettingPath[] = [
  'target',
  'seed',
  'world.stores',
  'world.products',
  'world.lines_per_store_day',
]

/** docs/config.md; a test keeps the file true. */
export function configReference(): string {
  const schema = configJsonSchema() as Property
  const rows = settingPaths.map((path) => {
    const property = path.split('.').reduce<Property>((at, step) => at.properties![step], schema)
    const named = [withFlag.includes(path) ? `\`${flagOf(path)}\`` : undefined, `\`${variableOf(path)}\``]
    return `| \`${path}\` | ${valuesOf(property)} | ${defaultOf(path)} | ${settings[path]} | ${named.filter(Boolean).join(' ')} |`
  })
  return [
    '# retail.yaml',
    '',
    'Flags stand over the environment, that over `.env` in the workspace, that over `retail.yaml`, that over the defaults.',
    '`retail status --config` shows every value with its source. An unknown key is an error. Made from `src/config/schema.ts`.',
    '',
    '| key | values | default | meaning | flag and variable |',
    '|---|---|---|---|---|',
    ...rows,
    '',
  ].join('\n')
}

function valuesOf({ type, enum: choices, minimum, maximum, format }: Property): string {
  if (choices) return choices.map((choice) => `\`${choice}\``).join(' or ')
  if (type === 'boolean') return '`true` or `false`'
  if (type === 'integer') return `${minimum} to ${maximum}`
  return format === 'date' ? 'day, `YYYY-MM-DD`' : 'text'
}

const defaults = configSchema.parse({ gcp: { project: 'a-project', bucket: 'a-bucket' } })

function defaultOf(path: SettingPath): string {
  if (path === 'gcp.project' || path === 'gcp.bucket') return 'none'
  const value = path.split('.').reduce<unknown>((at, step) => (at as Record<string, unknown>)[step], defaults)
  return value === undefined ? 'none' : `\`${value}\``
}
