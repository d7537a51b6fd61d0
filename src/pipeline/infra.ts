import { gcpNames } from '../config/gcp-names.ts'
import type { Config } from '../config/schema.ts'
import { RetailError } from '../errors.ts'
import type { TakeInventory, Workspace } from '../ports/index.ts'
import { buildWorld } from '../world/world.ts'
import { changesOf, isChange, isProtected, resourcesOf, unlabelled } from './infra/changes.ts'
import { monthlyCost } from './infra/cost.ts'
import { doomedOf, refuseForeign } from './infra/doomed.ts'
import { type InfraOptions, openSession, type Session } from './infra/session.ts'
import { recorded } from './record.ts'
import type { Doomed, InfraApplyResult, InfraDestroyResult, InfraOutputResult, InfraPlanResult } from './results.ts'

export type { InfraAction, InfraOptions } from './infra/session.ts'

/** What terraform would do, and what a month of it costs. Changes nothing, here or there. */
export async function infraPlan(
  { workspace }: { workspace: Workspace },
  config: Config,
  options: InfraOptions,
): Promise<InfraPlanResult> {
  await using session = await openSession(workspace, config, 'plan', options)
  await session.find()
  return (await planned(session, config)).result
}

export interface InfraApplyOptions extends InfraOptions {
  /** Shows what would happen and throws when it shall not. Not asked when nothing would. */
  consent: (plan: InfraPlanResult) => Promise<void>
}

/** Makes it so. Can be run again after any stop: what was made is in the state. */
export async function infraApply(
  { workspace }: { workspace: Workspace },
  config: Config,
  { consent, ...options }: InfraApplyOptions,
): Promise<InfraApplyResult> {
  await using session = await openSession(workspace, config, 'apply', options)
  const hasState = await session.find()
  let { file, result } = await planned(session, config)
  if (isChange(result.changes)) await consent(result)
  return await recorded(workspace, 'infra', async () => {
    const started = performance.now()
    if (!hasState) {
      await session.makeStateBucket()
      ;({ file, result } = await planned(session, config))
    }
    if (result.changed) await session.apply(file)
    const { project, state, changes } = result
    const outputs = await session.outputs()
    return {
      target: 'gcp' as const,
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
  /** Shows what would go and throws when it shall not. */
  consent: (doomed: Doomed) => Promise<void>
  /** counts what is in the cloud; without it only terraform's own figures are known */
  inventory?: TakeInventory
  dryRun?: boolean
}

/** Takes everything away that carries our label and is in our state, and nothing else. */
export async function infraDestroy(
  { workspace }: { workspace: Workspace },
  config: Config,
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
  const doomed = doomedOf(session.gcp.project, resources, counted)
  const result: InfraDestroyResult = {
    target: 'gcp',
    action: 'destroy',
    project: session.gcp.project,
    state: session.state,
    dryRun,
    doomed,
    destroyed: 0,
    seconds: 0,
  }
  if (dryRun || resources.length === 0) return result
  await consent(doomed)
  return await recorded(workspace, 'infra', async () => {
    const started = performance.now()
    await takeProtectionAway(
      session,
      resources.filter(isProtected).map(({ address }) => address),
    )
    // Planned anew: the state is another one since its protection is gone.
    const { file, json } = await session.plan({ destroy: true, variables: UNPROTECTED })
    refuseUnlabelled(unlabelled(resourcesOf(json)))
    await session.apply(file)
    return { ...result, destroyed: changesOf(json).destroy, seconds: since(started) }
  })
}

/** What was made, by name: for scripts, and for people who look for an account's address. */
export async function infraOutput(
  { workspace }: { workspace: Workspace },
  config: Config,
  options: InfraOptions,
): Promise<InfraOutputResult> {
  await using session = await openSession(workspace, config, 'output', options)
  const outputs = (await session.find()) ? await session.outputs() : {}
  if (Object.keys(outputs).length === 0)
    throw new RetailError('missing', `nothing was made in project ${session.gcp.project} yet`, {
      why: `the state in ${session.state} is empty`,
      hint: 'retail infra apply',
    })
  return { target: 'gcp', action: 'output', project: session.gcp.project, state: session.state, outputs }
}

async function planned(session: Session, config: Config): Promise<{ file: string; result: InfraPlanResult }> {
  const { file, json } = await session.plan({})
  const { gcp, state } = session
  const changes = changesOf(json)
  const cost = monthlyCost(config, gcp, buildWorld(config).blocks.length)
  const about = { target: 'gcp', action: 'plan', project: gcp.project, state } as const
  return { file, result: { ...about, changes, changed: isChange(changes), cost } }
}

const UNPROTECTED = { deletion_protection: 'false' }

/** An apply of its own: terraform destroys only what its state says is unprotected. */
async function takeProtectionAway(session: Session, targets: readonly string[]): Promise<void> {
  if (targets.length === 0) return
  const { file, json } = await session.plan({ targets, variables: UNPROTECTED })
  const changes = changesOf(json)
  if (changes.destroy > 0)
    throw new RetailError('failed', 'taking the protection away would already destroy something', {
      why: `the config changed since the last apply: ${changes.lost.join(', ')} would be replaced`,
      hint: 'retail infra plan, and put the old values back in retail.yaml',
    })
  if (isChange(changes)) await session.apply(file)
}

function refuseUnlabelled(addresses: readonly string[]): void {
  if (addresses.length === 0) return
  throw new RetailError('foreign_world', 'not everything in the state is labelled as ours: nothing was destroyed', {
    why: `without the label managed-by=retail: ${addresses.join(', ')}`,
    hint: 'retail infra apply puts the label on what is ours; take the rest out of the state with: terraform state rm',
  })
}

const since = (started: number) => (performance.now() - started) / 1000
