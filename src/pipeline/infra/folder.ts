import path from 'node:path'
import type { Emulators } from '../../config/emulators.ts'
import { gcpNames } from '../../config/gcp-names.ts'
import type { Config, GcpConfig } from '../../config/schema.ts'
import { type SettingPath, settingPaths, variableOf } from '../../config/settings.ts'
import { fs, makeFolders } from '../../disk.ts'
import { packageFolder } from '../../tools/package-folder.ts'
import { worldId } from '../../world/world.ts'

/** User settings: variables of the optional parts, such as `job`. */
export const EXTRA_VARIABLES = 'infra.tfvars'

const VARIABLES = 'retail.auto.tfvars.json'
const BACKEND = 'backend.tf.json'
const EXTRA_COPY = 'infra.auto.tfvars'
const IMAGE = 'image.auto.tfvars.json'

/**
 * Copies the package's `terraform/` to `.retail/terraform` and writes the config's variables beside it; state, lock
 * file, and providers stay. The package itself may be read-only and serves many workspaces.
 */
export function prepareFolder(config: Config, gcp: GcpConfig, emulators: Emulators | undefined): string {
  const folder = path.join(config.workspace, '.retail', 'terraform')
  const source = path.join(packageFolder(), 'terraform')
  const ours = filesUnder(source)
  for (const file of ours) write(path.join(folder, file), fs.readFileSync(path.join(source, file)))
  for (const file of filesUnder(folder))
    if (/^(modules|schemas)\/|^(state\/)?\w+\.tf$/.test(file) && !ours.includes(file))
      fs.rmSync(path.join(folder, file))

  write(path.join(folder, VARIABLES), json(variablesOf(config, gcp, emulators)))
  // Terraform reads files alphabetically, and ours comes last, so the values of retail.yaml win.
  const extra = path.join(config.workspace, EXTRA_VARIABLES)
  const copy = path.join(folder, EXTRA_COPY)
  if (fs.existsSync(extra)) write(copy, fs.readFileSync(extra))
  else fs.rmSync(copy, { force: true })
  return folder
}

/** The text of infra.tfvars, or none. */
export function optionsIn(workspace: string): string {
  const file = path.join(workspace, EXTRA_VARIABLES)
  return fs.existsSync(file) ? fs.readFileSync(file, 'utf8') : ''
}

/** Configures terraform's state: in a bucket, or in this folder. */
export function placeState(folder: string, gcp: GcpConfig, emulators: Emulators | undefined, remote: boolean): void {
  const file = path.join(folder, BACKEND)
  fs.rmSync(file, { force: true })
  if (!remote) return
  const endpoint = emulators && { storage_custom_endpoint: `${emulators.storage}/storage/v1/` }
  const gcs = { bucket: gcpNames(gcp).stateBucket, prefix: `${gcp.prefix}-${gcp.dataset}`, ...endpoint }
  write(file, json({ terraform: { backend: { gcs } } }))
}

/** Where the state was at the last run: this folder, a bucket, or nowhere yet. */
export function stateIn(folder: string): 'folder' | 'bucket' | undefined {
  const local = read(path.join(folder, 'terraform.tfstate')) as { resources?: unknown[] } | undefined
  if (local?.resources?.length) return 'folder'
  const backend = read(path.join(folder, '.terraform/terraform.tfstate')) as { backend?: { type?: string } } | undefined
  return backend?.backend?.type === 'gcs' ? 'bucket' : undefined
}

/** Whether a job needs an image, and this folder does not know which one is in use. */
export const wantsImage = (folder: string): boolean =>
  !fs.existsSync(path.join(folder, IMAGE)) &&
  fs.existsSync(path.join(folder, EXTRA_COPY)) &&
  /^\s*job\s*=/m.test(fs.readFileSync(path.join(folder, EXTRA_COPY), 'utf8'))

export function noteImage(folder: string, image: string | undefined): void {
  if (image === undefined) fs.rmSync(path.join(folder, IMAGE), { force: true })
  else write(path.join(folder, IMAGE), json({ image }))
}

/** The config as terraform's variables, without credentials: those are in the environment of the call. */
export function variablesOf(config: Config, gcp: GcpConfig, emulators: Emulators | undefined): Record<string, unknown> {
  return {
    project: gcp.project,
    location: gcp.location,
    region: gcp.region,
    bucket: gcp.bucket,
    dataset: gcp.dataset,
    prefix: gcp.prefix,
    ingest: gcp.ingest,
    schema: config.world.schema,
    world: worldId(config),
    // The storage emulator has no versioning; the provider would retry for minutes.
    versioning: gcp.versioning && !emulators,
    deletion_protection: gcp.deletion_protection,
    emulators: emulators
      ? {
          storage: `${emulators.storage}/storage/v1/`,
          pubsub: `${emulators.pubsub}/v1/`,
          bigquery: `${emulators.bigquery}/bigquery/v2/`,
        }
      : null,
    settings: settingsOf(config),
  }
}

/** retail.yaml as environment variables for a cloud job, which has an account of its own. */
export function settingsOf(config: Config): Record<string, string> {
  const of = (setting: SettingPath) =>
    setting.split('.').reduce<unknown>((at, step) => (at as Record<string, unknown> | undefined)?.[step], config)
  const sent = settingPaths.filter((setting) => !/^local\.|^gcp\.(credentials|impersonate)$/.test(setting))
  return Object.fromEntries(
    sent.flatMap((setting) => (of(setting) === undefined ? [] : [[variableOf(setting), `${of(setting)}`]])),
  )
}

const json = (value: unknown) => `${JSON.stringify(value, null, 2)}\n`

/** Writes only what differs, by rename: another process may be reading. */
function write(file: string, content: string | Buffer): void {
  if (fs.existsSync(file) && fs.readFileSync(file).equals(Buffer.from(content))) return
  makeFolders(path.dirname(file))
  fs.writeFileSync(`${file}.tmp`, content)
  fs.renameSync(`${file}.tmp`, file)
}

function read(file: string): unknown {
  if (!fs.existsSync(file)) return undefined
  const text = fs.readFileSync(file, 'utf8')
  try {
    return JSON.parse(text)
  } catch {
    // Only text in memory is parsed: it was cut or edited.
    return undefined
  }
}

/** Paths below a folder, except terraform's own in `.terraform`. */
function filesUnder(folder: string): string[] {
  if (!fs.existsSync(folder)) return []
  return fs
    .readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)))
    .filter((file) => !file.includes('.terraform'))
}
