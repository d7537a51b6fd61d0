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

/** Flags that override a setting in every command that reads it. */
const withFlag: readonly SettingPath[] = [
  'target',
  'seed',
  'world.stores',
  'world.products',
  'world.lines_per_store_day',
]

const machineVariables = {
  RETAIL_WORKSPACE: 'the workspace, as with `--workspace`',
  RETAIL_NO_INPUT: 'any value: never prompt, as with `--no-input`',
  RETAIL_PYTHON: 'the Python that creates the environment of dbt',
  RETAIL_PYTHON_HOME:
    'the folder for the environments of dbt, about 200 MB each, that workspaces share; default: `retail/python` in `XDG_CACHE_HOME` or `~/.cache` (macOS: `~/Library/Caches`), or `.retail/python` in the workspace if others may write there or you may not. You can delete it at any time',
  RETAIL_TERRAFORM: 'the Terraform binary of `retail infra`',
  RETAIL_DASHBOARD_TOKEN: 'the token that `dashboard --allow-remote` requires',
  CHROME_PATH: 'the Chromium that exports the dashboard as PDF or PNG',
} as const

/** The text of docs/config.md; a test keeps the file up to date. */
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
    'Flags override environment variables, which override `.env` in the workspace, which overrides `retail.yaml`, which overrides the defaults.',
    '`retail status --config` shows every value with its source. An unknown key is an error. Generated from `src/config/schema.ts`.',
    '',
    'A workspace is a folder that has a `retail.yaml`, or for which variables in the environment or in `.env` set `target`, `seed`, or a key of',
    '`world` or `history`, as in a container. In any other folder, commands that need a workspace exit with code 3.',
    '',
    '| key | values | default | meaning | flag and variable |',
    '|---|---|---|---|---|',
    ...rows,
    '',
    'The file also has `version: 1`, the version of its format, and may name destinations of `stream --to NAME` under `sinks`. Each sink has `brokers`',
    '(Kafka), `url` (HTTP or PostgreSQL), or `folder` (files), and options of that destination, as the page about destinations lists them.',
    '',
    '## Variables for this machine',
    '',
    'These are settings of a machine, so `retail.yaml` has no keys for them.',
    '',
    '| variable | meaning |',
    '|---|---|',
    ...Object.entries(machineVariables).map(([name, meaning]) => `| \`${name}\` | ${meaning} |`),
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
