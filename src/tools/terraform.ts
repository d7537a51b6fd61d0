import type { Credentials } from '../config/credentials.ts'
import { RetailError } from '../errors.ts'
import type { Invocation } from './invocation.ts'
import { run } from './run.ts'

export interface Terraform {
  file: string
  /** 1.11.4 */
  version: string
}

/** The location of a configuration, and how to run terraform there. */
export interface TerraformPlace {
  file: string
  folder: string
  env: Readonly<Record<string, string | undefined>>
}

export interface PlanOptions {
  /** The plan file. */
  out: string
  destroy?: boolean
  /** Changes nothing but the state: what exists, and the addresses of the configuration. */
  refreshOnly?: boolean
  /** Only these resources, and their dependencies. */
  targets?: readonly string[]
  variables?: Readonly<Record<string, string>>
}

/** The first version with mock providers, which the modules' tests use. */
const OLDEST = [1, 7] as const
const INSTALL =
  'install Terraform (https://developer.hashicorp.com/terraform/install) or OpenTofu, 1.7 or newer, or set RETAIL_TERRAFORM to one'
/** How long to wait for another process to release the state. */
const LOCK_TIMEOUT = '10s'
const ALWAYS = ['-input=false', '-no-color']

/** $RETAIL_TERRAFORM if set, and no other; otherwise terraform, otherwise tofu. */
export async function findTerraform(env: NodeJS.ProcessEnv = process.env): Promise<Terraform> {
  const chosen = env.RETAIL_TERRAFORM
  const seen: string[] = []
  for (const file of chosen ? [chosen] : ['terraform', 'tofu']) {
    const version = await versionOf(file, env)
    if (version === undefined) continue
    const [major, minor] = version.split('.').map(Number)
    if (major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1])) return { file, version }
    seen.push(`${file} is ${version}`)
  }
  throw new RetailError('tool_missing', 'no usable Terraform', {
    why:
      seen.join(', ') ||
      (chosen ? `RETAIL_TERRAFORM=${chosen} does not start` : 'neither terraform nor tofu is on the PATH'),
    hint: INSTALL,
  })
}

/**
 * The environment of terraform: paths and names, no update checks, and no log that would contain requests with their
 * tokens.
 */
export function terraformEnv(
  env: NodeJS.ProcessEnv,
  { file, impersonate }: Credentials,
  emulated: boolean,
): Record<string, string | undefined> {
  const plain = { ...env, TF_IN_AUTOMATION: '1', CHECKPOINT_DISABLE: '1', TF_LOG: undefined, TF_LOG_PATH: undefined }
  // The provider and the state's backend use each of these before the default credentials.
  const others = {
    GOOGLE_CREDENTIALS: undefined,
    GOOGLE_BACKEND_CREDENTIALS: undefined,
    GOOGLE_CLOUD_KEYFILE_JSON: undefined,
    GCLOUD_KEYFILE_JSON: undefined,
  }
  if (emulated)
    return {
      ...plain,
      ...others,
      GOOGLE_APPLICATION_CREDENTIALS: undefined,
      GOOGLE_IMPERSONATE_SERVICE_ACCOUNT: undefined,
      GOOGLE_BACKEND_IMPERSONATE_SERVICE_ACCOUNT: undefined,
      GOOGLE_OAUTH_ACCESS_TOKEN: 'fake',
    }
  return {
    ...plain,
    ...(file && { ...others, GOOGLE_OAUTH_ACCESS_TOKEN: undefined, GOOGLE_APPLICATION_CREDENTIALS: file }),
    ...(impersonate && { GOOGLE_IMPERSONATE_SERVICE_ACCOUNT: impersonate }),
  }
}

/** `plugins`: a folder with installed providers. The location of the state may change between calls. */
export const terraformInit = (place: TerraformPlace, { plugins }: { plugins?: string } = {}): Invocation =>
  call(place, ['init', ...ALWAYS, '-reconfigure', ...(plugins ? [`-plugin-dir=${plugins}`] : [])])

export const terraformPlan = (
  place: TerraformPlace,
  { out, destroy, refreshOnly, targets = [], variables = {} }: PlanOptions,
): Invocation =>
  call(place, [
    ...['plan', ...ALWAYS, `-lock-timeout=${LOCK_TIMEOUT}`, `-out=${out}`],
    ...(destroy ? ['-destroy'] : []),
    ...(refreshOnly ? ['-refresh-only'] : []),
    ...Object.entries(variables).map(([name, value]) => `-var=${name}=${value}`),
    ...targets.map((target) => `-target=${target}`),
  ])

/** Applies a saved plan exactly, without a prompt, because the plan was shown. */
export const terraformApply = (place: TerraformPlace, plan: string): Invocation =>
  call(place, ['apply', ...ALWAYS, `-lock-timeout=${LOCK_TIMEOUT}`, plan])

/** A plan, as one line of JSON. */
export const terraformShow = (place: TerraformPlace, plan: string): Invocation =>
  call(place, ['show', '-json', '-no-color', plan])

export const terraformOutput = (place: TerraformPlace): Invocation => call(place, ['output', '-json', '-no-color'])

const call = ({ file, folder, env }: TerraformPlace, args: readonly string[]): Invocation => ({
  file,
  args: [`-chdir=${folder}`, ...args],
  env,
})

async function versionOf(file: string, env: NodeJS.ProcessEnv): Promise<string | undefined> {
  const said: string[] = []
  try {
    const call = { file, args: ['version', '-json'], env: { ...env, CHECKPOINT_DISABLE: '1' } }
    await run(call, { onLine: (line) => said.push(line) })
  } catch (error) {
    if (error instanceof RetailError && error.code === 'tool_missing') return undefined
    throw error
  }
  return /"terraform_version":\s*"(\d+\.\d+\.\d+)/.exec(said.join('\n'))?.[1]
}
