import { advise, retail } from '../advice.ts'
import type { CloudConfig } from '../config/cloud-config.ts'
import { gcpNames } from '../config/gcp-names.ts'
import { RetailError } from '../errors.ts'
import type { MakeAgents, TakeInventory, Workspace } from '../ports/index.ts'
import { buildWorld } from '../world/world.ts'
import { changesOf, isChange, isProtected, newServicesOf, resourcesOf, unlabelled } from './infra/changes.ts'
import { jobVolumes, monthlyCost } from './infra/cost.ts'
import { destroyPlanOf, refuseForeign } from './infra/destroy-plan.ts'
import { applyPatiently, makeAgents } from './infra/first-apply.ts'
import { withOptions } from './infra/option-cost.ts'
import type {
  DestroyPlan,
  InfraApplyResult,
  InfraDestroyResult,
  InfraOutputResult,
  InfraPlanResult,
} from './infra/result.ts'
import { type InfraOptions, openSession, type Session } from './infra/session.ts'
import { recorded } from './record.ts'

export type { InfraAction, InfraOptions } from './infra/session.ts'

/** Terraform's plan and its monthly cost. Changes nothing, neither here nor in the cloud. */
export async function infraPlan(
  { workspace }: { workspace: Workspace },
  config: CloudConfig,
  options: InfraOptions,
): Promise<InfraPlanResult> {
  await using session = await openSession(workspace, config, 'plan', options)
  await session.find()
  return (await planned(session, config)).result
}

export interface InfraApplyOptions extends InfraOptions {
  /** Shows the plan and throws if the user declines. Not called if nothing would change. */
  consent: (plan: InfraPlanResult) => Promise<void>
  /** Without it, Google creates service agents when they are first used, and the first applies may have to wait for them. */
  agents?: MakeAgents | undefined
}

/** Applies the plan. Can be repeated after any interruption: the state records what was created. */
export async function infraApply(
  { workspace }: { workspace: Workspace },
  config: CloudConfig,
  { consent, agents, ...options }: InfraApplyOptions,
): Promise<InfraApplyResult> {
  await using session = await openSession(workspace, config, 'apply', options)
  const hasState = await session.find()
  let { file, result, services } = await planned(session, config)
  if (isChange(result.changes)) await consent(result)
  return await recorded(workspace, 'infra', async () => {
    const started = performance.now()
    if (!hasState) {
      await session.makeStateBucket()
      ;({ file, result, services } = await planned(session, config))
    }
    if (agents) await makeAgents(agents, services, options)
    if (result.changed) await applyPatiently(session, file, result.changes, options)
    const { project, state, changes } = result
    const outputs = await session.outputs()
    return {
      target: config.target,
      action: 'apply' as const,
      project,
      state,
      changes,
      outputs,
      seconds: since(started),
    }
  })
}

export interface InfraDestroyOptions extends InfraOptions {
  /** Shows what would be destroyed and throws if the user declines. */
  consent: (destroyPlan: DestroyPlan) => Promise<void>
  /** Counts what exists in the cloud; without it, only terraform's own figures are known. */
  inventory?: TakeInventory
  dryRun?: boolean
}

/** Destroys everything that has our label and is in our state, and nothing else. */
export async function infraDestroy(
  { workspace }: { workspace: Workspace },
  config: CloudConfig,
  { consent, inventory, dryRun = false, ...options }: InfraDestroyOptions,
): Promise<InfraDestroyResult> {
  await using session = await openSession(workspace, config, 'destroy', options)
  await session.find()
  const { json } = await session.plan({ destroy: true })
  const resources = resourcesOf(json)
  refuseUnlabelled(unlabelled(resources))
  const names = gcpNames(session.gcp)
  const wanted = { buckets: [names.bucket], datasets: Object.values(names.datasets) }
  const counted = resources.length > 0 ? await inventory?.(wanted, options.signal) : undefined
  if (counted) refuseForeign(counted, resources)
  const destroyPlan = destroyPlanOf(session.gcp.project, resources, counted)
  const result: InfraDestroyResult = {
    target: config.target,
    action: 'destroy',
    project: session.gcp.project,
    state: session.state,
    dryRun,
    destroyPlan,
    destroyed: 0,
    seconds: 0,
  }
  if (dryRun || resources.length === 0) return result
  await consent(destroyPlan)
  return await recorded(workspace, 'infra', async () => {
    const started = performance.now()
    await removeProtection(
      session,
      resources.filter(isProtected).map(({ address }) => address),
    )
    // A new plan: removing the protection has changed the state.
    const { file, json } = await session.plan({ destroy: true, variables: UNPROTECTED })
    refuseUnlabelled(unlabelled(resourcesOf(json)))
    await session.apply(file)
    session.useImage(undefined)
    return { ...result, destroyed: changesOf(json).destroy, seconds: since(started) }
  })
}

/** The names of created resources: for scripts, and for people who need an account's address. */
export async function infraOutput(
  { workspace }: { workspace: Workspace },
  config: CloudConfig,
  options: InfraOptions,
): Promise<InfraOutputResult> {
  await using session = await openSession(workspace, config, 'output', options)
  const outputs = (await session.find()) ? await session.outputs() : {}
  if (Object.keys(outputs).length === 0)
    throw new RetailError('missing', `project ${session.gcp.project} has no infrastructure yet`, {
      why: `the state in ${session.state} is empty`,
      hint: advise`${retail('infra', 'apply')}`,
    })
  return { target: config.target, action: 'output', project: session.gcp.project, state: session.state, outputs }
}

async function planned(
  session: Session,
  config: CloudConfig,
): Promise<{ file: string; result: InfraPlanResult; services: string[] }> {
  const { file, json } = await session.plan({})
  const { gcp, state } = session
  const changes = changesOf(json)
  const cost = withOptions(monthlyCost(config, gcp, buildWorld(config).blocks.length), json, jobVolumes(config, gcp))
  const about = { target: config.target, action: 'plan', project: gcp.project, state } as const
  return { file, result: { ...about, changes, changed: isChange(changes), cost }, services: newServicesOf(json) }
}

const UNPROTECTED = { deletion_protection: 'false' }

/** A separate apply: terraform destroys only what its state records as unprotected. */
async function removeProtection(session: Session, targets: readonly string[]): Promise<void> {
  if (targets.length === 0) return
  const { file, json } = await session.plan({ targets, variables: UNPROTECTED })
  const changes = changesOf(json)
  if (changes.destroy > 0)
    throw new RetailError('failed', 'removing the deletion protection would already destroy data', {
      why: `the config has changed since the last apply: ${changes.lost.join(', ')} would be replaced`,
      hint: advise`${retail('infra', 'plan')}, and restore the old values in retail.yaml`,
    })
  if (isChange(changes)) await session.apply(file)
}

function refuseUnlabelled(addresses: readonly string[]): void {
  if (addresses.length === 0) return
  throw new RetailError(
    'foreign_world',
    'some resources in the state are not labeled as created by retail: nothing was destroyed',
    {
      why: `without the label managed-by=retail: ${addresses.join(', ')}`,
      hint: advise`${retail('infra', 'apply')} labels what retail created; remove the rest from the state with: terraform state rm`,
    },
  )
}

const since = (started: number) => (performance.now() - started) / 1000
