import { statSync } from 'node:fs'
import path from 'node:path'
import { advise, retail } from '../advice.ts'
import { RetailError } from '../errors.ts'
import {
  badConfig,
  CONFIG_FILE,
  type ConfigText,
  findWorkspace,
  isRecord,
  parseConfigText,
  readDotEnv,
  readTextFile,
} from './file.ts'
import { describeIssue, type Source } from './issues.ts'
import { type Config, configSchema } from './schema.ts'
import { flagOf, type Overrides, type SettingPath, settingPaths, variableOf } from './settings.ts'

export type { Source } from './issues.ts'

export interface LoadOptions {
  cwd: string
  env: Readonly<Record<string, string | undefined>>
  /** `--workspace`; otherwise RETAIL_WORKSPACE, otherwise the nearest retail.yaml. */
  workspace?: string
  /** Values of flags. */
  overrides?: Overrides
  /** For `init`: values that override the schema's defaults, but nothing else. */
  presets?: Overrides
  /** For `init`: retail.yaml is not read, and the folder need not exist. */
  afresh?: boolean
}

export interface LoadedConfig {
  config: Config
  /** Absolute path of retail.yaml; undefined if there is none and the defaults apply. */
  file: string | undefined
  sources: Record<SettingPath, Source>
}

/**
 * Merges flags over environment over `.env` over retail.yaml over defaults. Validates once, reports all errors
 * together, and freezes the result.
 */
export function loadConfig({
  cwd,
  env,
  workspace: named,
  overrides = {},
  presets = {},
  afresh = false,
}: LoadOptions): LoadedConfig {
  const workspace = findWorkspace(cwd, named ?? (env.RETAIL_WORKSPACE || undefined))
  if (!afresh) refuseNoFolder(workspace)
  const file = path.join(workspace, CONFIG_FILE)
  const shown = path.relative(cwd, file) || CONFIG_FILE
  const text = afresh ? undefined : readTextFile(file, shown)
  const parsed = parseConfigText(text ?? '', shown)

  const layers = layersOver(parsed, overrides, env, readDotEnv(workspace))
  for (const setting of settingPaths)
    if (presets[setting] !== undefined && layers.sources[setting] === 'default')
      setIn(layers.value, setting, presets[setting])
  const outcome = configSchema.safeParse(layers.value)
  if (!outcome.success) {
    const origin = { file: shown, contents: parsed.contents, lines: parsed.lines, names: layers.names }
    throw badConfig(
      shown,
      outcome.error.issues.flatMap((issue) => describeIssue(issue, layers.value, origin)),
    )
  }
  return {
    config: freeze({ ...outcome.data, workspace }),
    file: text === undefined ? undefined : file,
    sources: layers.sources,
  }
}

/**
 * Whether a retail.yaml or variables (as in a container, which has no file) define a workspace. A folder without either
 * is not a workspace, and no command creates anything in it by accident.
 */
export const namesWorkspace = ({ file, sources }: Pick<LoadedConfig, 'file' | 'sources'>): boolean =>
  file !== undefined ||
  settingPaths.some(
    (setting) =>
      /^(target|seed|world\..*|history\..*)$/.test(setting) && ['environment', '.env'].includes(sources[setting]),
  )

/** Applies flags and variables to the file's values, and records the source of each. */
function layersOver(
  { value: file }: ConfigText,
  flags: Overrides,
  env: LoadOptions['env'],
  dotEnv: Record<string, string>,
): { value: unknown; sources: Record<SettingPath, Source>; names: Map<string, string> } {
  const value = isRecord(file) ? structuredClone(file) : file
  const sources = {} as Record<SettingPath, Source>
  const names = new Map<string, string>()
  const target = flags.target ?? (env.RETAIL_TARGET || dotEnv.RETAIL_TARGET)
  for (const setting of settingPaths) {
    sources[setting] = getIn(value, setting) === undefined ? 'default' : 'file'
    // A variable for the cloud does not add a gcp section to a local workspace.
    if (setting.startsWith('gcp.') && target !== 'gcp' && getIn(value, 'gcp') === undefined) continue
    const variable = variableOf(setting)
    const given: [Source, string, string | number | boolean | undefined][] = [
      ['flag', flagOf(setting), flags[setting]],
      ['environment', variable, plainValue(env[variable])],
      ['.env', `.env ${variable}`, plainValue(dotEnv[variable])],
    ]
    const winner = given.find(([, , said]) => said !== undefined && said !== '')
    if (!winner || !setIn(value, setting, winner[2])) continue
    sources[setting] = winner[0]
    names.set(setting, winner[1])
  }
  return { value, sources, names }
}

/**
 * Variables are text. This converts them where the schema expects numbers or booleans; no text setting accepts such
 * words.
 */
function plainValue(text: string | undefined): string | number | boolean | undefined {
  if (text === 'true' || text === 'false') return text === 'true'
  return text !== undefined && /^-?\d{1,15}$/.test(text) ? Number(text) : text
}

function getIn(value: unknown, setting: string): unknown {
  let at = value
  for (const step of setting.split('.')) at = isRecord(at) && Object.hasOwn(at, step) ? at[step] : undefined
  return at
}

/** False if the file has another type where a section belongs; the schema reports it. */
function setIn(value: unknown, setting: SettingPath, to: unknown): boolean {
  const [section, key] = setting.split('.')
  if (!isRecord(value)) return false
  if (key === undefined) value[section] = to
  else {
    const inner = (value[section] ??= {})
    if (!isRecord(inner)) return false
    inner[key] = to
  }
  return true
}

function refuseNoFolder(workspace: string): void {
  const there = statSync(workspace, { throwIfNoEntry: false })
  if (there?.isDirectory()) return
  const inside = path.basename(workspace) === CONFIG_FILE
  throw new RetailError('bad_config', `the workspace ${workspace} is not a folder`, {
    why: 'it comes from --workspace or RETAIL_WORKSPACE',
    hint: there
      ? inside
        ? advise`name its folder: ${retail('status', '--workspace', path.dirname(workspace))}`
        : 'choose a folder with --workspace'
      : advise`create it: ${retail('init', '--workspace', workspace)}`,
  })
}

function freeze<T extends object>(value: T): T {
  for (const inner of Object.values(value)) if (typeof inner === 'object' && inner !== null) freeze(inner)
  return Object.freeze(value)
}
