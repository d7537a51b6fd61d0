import fs from 'node:fs'
import path from 'node:path'
import { credentialsOf } from '../../config/credentials.ts'
import { type Emulators, emulatorsOf } from '../../config/emulators.ts'
import { gcpNames } from '../../config/gcp-names.ts'
import type { Config, GcpConfig } from '../../config/schema.ts'
import { RetailError } from '../../errors.ts'
import type { Workspace } from '../../ports/index.ts'
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
import { placeState, prepareFolder, stateIn, variablesOf } from './folder.ts'

export type InfraAction = 'plan' | 'apply' | 'destroy' | 'output'

export interface InfraOptions {
  env: NodeJS.ProcessEnv
  /** keep the state in `.retail/terraform` instead of a bucket */
  skipRemoteState?: boolean
  signal?: AbortSignal
  /** whom is contacted now, and for what */
  onStep?: (text: string) => void
  /** what terraform tells while it makes and destroys */
  onOutput?: (line: string) => void
  /** the rest of what it tells */
  onDetail?: (line: string) => void
}

/** Terraform in the workspace's own folder, one run at a time. */
export interface Session extends AsyncDisposable {
  readonly gcp: GcpConfig
  /** how to name where the state is */
  readonly state: string
  /** Finds the state; false: it has no bucket yet, so nothing was made yet. */
  find(): Promise<boolean>
  /** Makes the bucket of the state where it is missing. */
  makeStateBucket(): Promise<void>
  plan(options: Omit<PlanOptions, 'out'>): Promise<{ file: string; json: PlanJson }>
  apply(file: string): Promise<void>
  outputs(): Promise<Record<string, unknown>>
}

const PLAN_FILE = 'retail.tfplan'
const NO_BUCKET = /bucket doesn't exist|bucket does not exist|NoSuchBucket|Error 404/i

export async function openSession(
  workspace: Workspace,
  config: Config,
  action: InfraAction,
  options: InfraOptions,
): Promise<Session> {
  const { gcp } = config
  if (!gcp) throw new Error('infra has work to do for target gcp only')
  const emulators = emulatorsOf(options.env)
  const env = terraformEnv(options.env, credentialsOf(config, options.env), emulators !== undefined)
  const { file } = await findTerraform(options.env)
  const lock = await workspace.lock('infra', `infra ${action}`)
  try {
    const folder = prepareFolder(config, gcp, emulators)
    const log = nextLog(path.join(workspace.folder, 'logs'), 'infra')
    const remote = !options.skipRemoteState
    refuseLostState(folder, gcp, remote)
    const shared = { config, gcp, emulators, remote, action, log, options, place: { file, folder, env } }
    return { ...sessionOf(shared), [Symbol.asyncDispose]: () => lock[Symbol.asyncDispose]() }
  } catch (error) {
    await lock[Symbol.asyncDispose]()
    throw error
  }
}

interface Shared {
  config: Config
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
      if (init.ok) return true
      placeState(place.folder, gcp, emulators, false)
      await call(shared, terraformInit(place), onDetail)
      return false
    },

    async makeStateBucket() {
      onStep?.(`asking ${google} to make gs://${stateBucket} for the state`)
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
      // The providers are there already.
      await call(shared, terraformInit(inner, { plugins: path.join(place.folder, '.terraform/providers') }), onDetail)
      await call(shared, terraformPlan(inner, { out: PLAN_FILE }), onDetail)
      await call(shared, terraformApply(inner, PLAN_FILE), onOutput)
      placeState(place.folder, gcp, emulators, true)
      await call(shared, terraformInit(place), onDetail)
    },

    async plan(wanted) {
      onStep?.(`asking ${google} what is there in project ${gcp.project}`)
      await call(shared, terraformPlan(place, { ...wanted, out: PLAN_FILE }), onDetail)
      return { file: PLAN_FILE, json: jsonIn<PlanJson>(await call(shared, terraformShow(place, PLAN_FILE))) }
    },

    async apply(file) {
      onStep?.(`asking ${google} for the changes in project ${gcp.project}`)
      await call(shared, terraformApply(place, file), onOutput)
    },

    async outputs() {
      const told = jsonIn<Record<string, { value: unknown }>>(await call(shared, terraformOutput(place)))
      return Object.fromEntries(Object.entries(told).map(([name, { value }]) => [name, value]))
    },
  }
}

/** Runs terraform to its end. What it prints without a listener are documents, which may be long: they are not logged. */
async function call(
  { gcp, action, log, options: { signal } }: Shared,
  invocation: Invocation,
  onLine?: (line: string) => void,
  expected: (said: string) => boolean = () => false,
): Promise<{ ok: boolean; lines: string[] }> {
  const lines: string[] = []
  const logged = invocation.args.some((word) => ['init', 'plan', 'apply'].includes(word)) ? log : undefined
  const { exitCode } = await run(invocation, {
    signal,
    patient: true,
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

/** The one line that is a document, among warnings. */
function jsonIn<T>({ lines }: { lines: readonly string[] }): T {
  const from = lines.findIndex((line) => line.startsWith('{'))
  const to = lines.findLastIndex((line) => line.endsWith('}'))
  return JSON.parse(lines.slice(from, to + 1).join('\n')) as T
}

const firstTime = (folder: string) => !fs.existsSync(path.join(folder, '.terraform/providers'))
const byHand = ({ file, args }: Invocation) => `${file} ${args[0]}`

const stopped = (action: InfraAction, tool: string) =>
  new RetailError('stopped', `stopped while terraform was at ${action}`, {
    why: 'what was made before is in the state',
    hint: `retail infra ${action}; if it says that the state is locked: ${tool} force-unlock ID`,
  })

/** State that is elsewhere than asked for would look like nothing was made, and be made again. */
function refuseLostState(folder: string, gcp: GcpConfig, remote: boolean): void {
  const there = stateIn(folder)
  if (there === 'folder' && remote)
    throw new RetailError('bad_flag', 'the state of this workspace is on this machine, in .retail/terraform', {
      why: 'it was begun with --skip-remote-state',
      hint: 'add --skip-remote-state',
    })
  if (there === 'bucket' && !remote)
    throw new RetailError('bad_flag', `the state of this workspace is in gs://${gcpNames(gcp).stateBucket}`, {
      why: 'with --skip-remote-state it would be begun anew, and everything made twice',
      hint: 'leave --skip-remote-state away',
    })
}
