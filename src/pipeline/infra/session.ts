import path from 'node:path'
import { advise, retail } from '../../advice.ts'
import type { CloudConfig } from '../../config/cloud-config.ts'
import { credentialsOf } from '../../config/credentials.ts'
import { type Emulators, emulatorsOf } from '../../config/emulators.ts'
import { gcpNames } from '../../config/gcp-names.ts'
import type { GcpConfig } from '../../config/schema.ts'
import { fs } from '../../disk.ts'
import { RetailError } from '../../errors.ts'
import { holding, type Workspace } from '../../ports/index.ts'
import { passesByWaiting } from '../../tools/first-apply.ts'
import type { Invocation } from '../../tools/invocation.ts'
import { run } from '../../tools/run.ts'
import {
  findTerraform,
  type PlanOptions,
  type TerraformPlace,
  terraformApply,
  terraformEnv,
  terraformInit,
  terraformOutput,
  terraformPlan,
  terraformShow,
} from '../../tools/terraform.ts'
import { errorText, explainTerraform } from '../../tools/terraform-errors.ts'
import { nextLog } from '../transform-log.ts'
import type { PlanJson } from './changes.ts'
import { noteImage, placeState, prepareFolder, stateIn, variablesOf, wantsImage } from './folder.ts'

export type InfraAction = 'plan' | 'apply' | 'destroy' | 'output' | 'image'

export interface InfraOptions {
  env: NodeJS.ProcessEnv
  /** Keep the state in `.retail/terraform` instead of a bucket. */
  skipRemoteState?: boolean
  /** How long an apply waits before it tries again what Google does not allow yet; a default that Google documents. */
  waitsMs?: readonly number[]
  signal?: AbortSignal
  /** Reports which service is called, and why. */
  onStep?: (text: string) => void
  /** Progress messages of terraform while it creates and destroys. */
  onOutput?: (line: string) => void
  /** The rest of its output. */
  onDetail?: (line: string) => void
}

/** Terraform in the workspace's own folder, one process at a time. */
export interface Session extends AsyncDisposable {
  readonly gcp: GcpConfig
  /** Display name of the state's location. */
  readonly state: string
  /** Finds the state; false: its bucket does not exist, so nothing was created. */
  find(): Promise<boolean>
  /** Creates the bucket of the state if it is missing. */
  makeStateBucket(): Promise<void>
  plan(options: Omit<PlanOptions, 'out'>): Promise<{ file: string; json: PlanJson }>
  /** False: Google does not see everywhere yet what the same apply created before; it can be planned and applied again. */
  apply(file: string, last?: boolean): Promise<boolean>
  outputs(): Promise<Record<string, unknown>>
  /** The image of the cloud's jobs, for the next plan; undefined to forget it. */
  useImage(image: string | undefined): void
}

const PLAN_FILE = 'retail.tfplan'
/** A newer version of retail names resources of the state by other addresses. */
const NOT_MOVED = /Moved resource instances excluded by targeting/
const NO_BUCKET = /bucket doesn't exist|bucket does not exist|NoSuchBucket|Error 404/i

export async function openSession(
  workspace: Workspace,
  config: CloudConfig,
  action: InfraAction,
  options: InfraOptions,
): Promise<Session> {
  const { gcp } = config
  const emulators = emulatorsOf(options.env)
  const env = terraformEnv(options.env, credentialsOf(config, options.env), emulators !== undefined)
  const { file } = await findTerraform(options.env)
  const lock = await workspace.lock('infra', `infra ${action}`)
  return await holding(lock, async () => {
    const folder = prepareFolder(config, gcp, emulators)
    const log = nextLog(path.join(workspace.folder, 'logs'), 'infra')
    const remote = !options.skipRemoteState
    refuseLostState(folder, gcp, remote)
    const shared = { config, gcp, emulators, remote, action, log, options, place: { file, folder, env } }
    return { ...sessionOf(shared), [Symbol.asyncDispose]: () => lock[Symbol.asyncDispose]() }
  })
}

interface Shared {
  config: CloudConfig
  gcp: GcpConfig
  emulators: Emulators | undefined
  remote: boolean
  action: InfraAction
  log: string
  options: InfraOptions
  place: TerraformPlace
}

function sessionOf(shared: Shared): Omit<Session, typeof Symbol.asyncDispose> {
  const { config, gcp, emulators, remote, options, place } = shared
  const { onStep, onOutput, onDetail } = options
  const { stateBucket } = gcpNames(gcp)
  const google = emulators ? 'the emulators' : 'Google Cloud'
  return {
    gcp,
    state: remote ? `gs://${stateBucket}` : '.retail/terraform/terraform.tfstate',

    async find() {
      placeState(place.folder, gcp, emulators, remote)
      onStep?.(
        `${firstTime(place.folder) ? 'asking registry.terraform.io for the google provider' : 'starting terraform'}${remote ? `, and ${google} for its state in gs://${stateBucket}` : ''}`,
      )
      const init = await call(shared, terraformInit(place), onDetail, (said) => remote && NO_BUCKET.test(said))
      if (init.ok) {
        // Another machine built the image that is in use.
        if (wantsImage(place.folder)) {
          const { image } = await this.outputs()
          if (typeof image === 'string') noteImage(place.folder, image)
        }
        return true
      }
      placeState(place.folder, gcp, emulators, false)
      await call(shared, terraformInit(place), onDetail)
      return false
    },

    async makeStateBucket() {
      onStep?.(`asking ${google} to create gs://${stateBucket} for the state`)
      const inner = { ...place, folder: path.join(place.folder, 'state') }
      const { project, location, versioning, emulators: endpoints } = variablesOf(config, gcp, emulators)
      const variables = {
        project,
        location,
        versioning,
        bucket: stateBucket,
        labels: { 'managed-by': 'retail' },
        storage_endpoint: (endpoints as Emulators | null)?.storage ?? null,
      }
      fs.writeFileSync(path.join(inner.folder, 'retail.auto.tfvars.json'), JSON.stringify(variables))
      // The providers are already installed.
      await call(shared, terraformInit(inner, { plugins: path.join(place.folder, '.terraform/providers') }), onDetail)
      await call(shared, terraformPlan(inner, { out: PLAN_FILE }), onDetail)
      await call(shared, terraformApply(inner, PLAN_FILE), onOutput)
      placeState(place.folder, gcp, emulators, true)
      await call(shared, terraformInit(place), onDetail)
    },

    async plan(wanted) {
      onStep?.(`asking ${google} what exists in project ${gcp.project}`)
      const invocation = terraformPlan(place, { ...wanted, out: PLAN_FILE })
      const { ok } = await call(shared, invocation, onDetail, (said) => NOT_MOVED.test(said))
      if (!ok) {
        await call(shared, terraformPlan(place, { refreshOnly: true, out: PLAN_FILE }), onDetail)
        await call(shared, terraformApply(place, PLAN_FILE), onDetail)
        await call(shared, invocation, onDetail)
      }
      return { file: PLAN_FILE, json: jsonIn<PlanJson>(await call(shared, terraformShow(place, PLAN_FILE))) }
    },

    async apply(file, last = true) {
      onStep?.(`asking ${google} for the changes in project ${gcp.project}`)
      const passes = (said: string) => !last && passesByWaiting(said)
      return (await call(shared, terraformApply(place, file), onOutput, passes)).ok
    },

    useImage: (image) => noteImage(place.folder, image),

    async outputs() {
      const outputs = jsonIn<Record<string, { value: unknown }>>(await call(shared, terraformOutput(place)))
      return Object.fromEntries(Object.entries(outputs).map(([name, { value }]) => [name, value]))
    },
  }
}

/**
 * Runs terraform to its end. Output that no listener reads is a JSON document, which may be long, so it is not logged.
 */
async function call(
  { gcp, emulators, action, log, options: { signal } }: Shared,
  invocation: Invocation,
  onLine?: (line: string) => void,
  expected: (said: string) => boolean = () => false,
): Promise<{ ok: boolean; lines: string[] }> {
  const lines: string[] = []
  const logged = invocation.args.some((word) => ['init', 'plan', 'apply'].includes(word)) ? log : undefined
  const { exitCode } = await run(invocation, {
    signal,
    patient: true,
    silence: { program: 'terraform', why: `${emulators ? 'an emulator' : 'Google Cloud'} may not answer` },
    log: logged,
    onLine: (line) => {
      lines.push(line)
      if (line.trim() !== '') onLine?.(line)
    },
  }).catch((error) => {
    throw error instanceof RetailError && error.code === 'stopped' ? stopped(action, byHand(invocation)) : error
  })
  if (exitCode === 0) return { ok: true, lines }
  if (expected(errorText(lines))) return { ok: false, lines }
  const { project } = gcp
  throw explainTerraform({ doing: action, project, lines, byHand: byHand(invocation), log })
}

/** The only line that is a JSON document, among warnings. */
function jsonIn<T>({ lines }: { lines: readonly string[] }): T {
  const from = lines.findIndex((line) => line.startsWith('{'))
  const to = lines.findLastIndex((line) => line.endsWith('}'))
  return JSON.parse(lines.slice(from, to + 1).join('\n')) as T
}

const firstTime = (folder: string) => !fs.existsSync(path.join(folder, '.terraform/providers'))
const byHand = ({ file, args }: Invocation) => `${file} ${args[0]}`

const stopped = (action: InfraAction, tool: string) =>
  new RetailError('stopped', `stopped during terraform ${action}`, {
    why: 'the state contains what was created before that',
    hint: advise`${retail('infra', action)}; if it reports a locked state: ${tool} force-unlock ID`,
  })

/** State in another location would look like no state, and everything would be created again. */
function refuseLostState(folder: string, gcp: GcpConfig, remote: boolean): void {
  const there = stateIn(folder)
  if (there === 'folder' && remote)
    throw new RetailError('bad_flag', 'the state of this workspace is on this machine, in .retail/terraform', {
      why: 'it was created with --skip-remote-state',
      hint: 'add --skip-remote-state',
    })
  if (there === 'bucket' && !remote)
    throw new RetailError('bad_flag', `the state of this workspace is in gs://${gcpNames(gcp).stateBucket}`, {
      why: 'with --skip-remote-state, Terraform would start with an empty state and create everything twice',
      hint: 'omit --skip-remote-state',
    })
}
