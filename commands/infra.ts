import path from 'node:path'
import { Argument, type Command } from 'commander'
import { advise, retail } from '../src/advice.ts'
import { emulatorsOf } from '../src/config/emulators.ts'
import type { Config } from '../src/config/schema.ts'
import { RetailError } from '../src/errors.ts'
import type { InfraAction } from '../src/pipeline/infra.ts'
import type { DestroyPlan, InfraPlanResult } from '../src/pipeline/results.ts'
import { describeCommand } from './command.ts'
import type { Context } from './context.ts'
import type { OverrideFlags } from './flag-types.ts'
import { choiceFlag, credentialOptions, overrideOptions } from './flags.ts'
import type { Prompts } from './ui/prompts.ts'

interface InfraFlags extends OverrideFlags {
  detailedExitcode?: boolean
  confirm?: string
  skipRemoteState?: boolean
  dryRun?: boolean
  spark?: boolean
}

const ACTIONS: readonly InfraAction[] = ['plan', 'apply', 'image', 'destroy', 'output']

export function infra(context: Context, command: Command): Command {
  describeCommand(context, command, {
    about: `Target local needs no infrastructure. For target gcp, Terraform (or OpenTofu) runs the modules of this package in .retail/terraform:
  plan     show what would change, and estimate the monthly cost
  apply    make the changes; asks first, unless --yes is given
  image    build the container image of the jobs in the cloud, from this package
  destroy  remove everything; asks for the project id
  output   print the names of resources and service accounts
Optional parts (jobs, a budget, alerts, a key of yours, Spark, an archive) are off by default; turn them on in infra.tfvars, next to retail.yaml.`,
    examples: [
      ['retail infra', 'show the plan; change nothing'],
      ['retail infra apply', 'make the changes'],
      ['retail infra output --json', 'resource names, for scripts'],
      ['retail infra output --spark', 'the commands that run spark/ingest.py on Dataproc Serverless'],
      ['retail infra destroy --confirm my-project', 'remove everything'],
    ],
  })
    .addArgument(
      new Argument('[action]', 'what to do').choices(ACTIONS).argParser(choiceFlag(ACTIONS)).default('plan', 'plan'),
    )
    .option('--detailed-exitcode', 'plan: exit 0 if nothing changes, 2 if something changes, 1 on failure')
    .option('--confirm <project>', 'the project id, as consent: for destroy, and for an apply that would lose data')
    .option(
      '--skip-remote-state',
      'keep the Terraform state in .retail/terraform instead of the bucket <bucket>-tfstate',
    )
    .option('--dry-run', 'show what would be created or destroyed')
    .option('--spark', 'output: print the commands that run spark/ingest.py in this project, one for each table')
  for (const option of [...credentialOptions(), ...overrideOptions().slice(0, 1)]) command.addOption(option)
  return command.action(async (action: InfraAction, flags: InfraFlags) => {
    refuseFlags(action, flags)
    const { detailedExitcode, confirm, skipRemoteState, dryRun, spark, ...overrides } = flags
    if (overrides.credentials) overrides.credentials = path.resolve(context.io.cwd, overrides.credentials)
    const { config: loaded } = await context.load(overrides)
    const { name, infra } = await context.verbs.targetOf(loaded)
    if (!infra.needed && action === 'image')
      throw new RetailError('bad_flag', `target ${name} has no image: ${infra.why}`, {
        why: 'an image is for jobs in the cloud',
        hint: 'nothing needs to be built',
      })
    if (!infra.needed) return await reportNone(context, loaded, name, infra.why)
    const config = infra.configOf(loaded)
    const { project } = config.gcp
    if (confirm !== undefined && confirm !== project)
      throw new RetailError('bad_flag', `--confirm ${confirm} is not the project of this workspace`, {
        why: `retail.yaml says ${project}`,
        hint: advise`${retail('infra', action, '--confirm', project)}`,
      })
    const { verbs, ui, signal } = context
    const render = await import('./render/infra.ts')
    const ports = { workspace: await verbs.openWorkspace(config) }
    const options = {
      env: { ...context.io.env },
      skipRemoteState,
      signal,
      onStep: ui.step,
      onOutput: ui.output,
      onDetail: context.flags.verbose ? ui.output : undefined,
    }
    if (action === 'output') {
      const output = await verbs.infraOutput(ports, config, options)
      if (!spark) return context.report(output, render.renderOutput)
      const { sparkBatches } = await import('../src/pipeline/infra/spark-batches.ts')
      const { target, project, state } = output
      return context.report(
        { target, action, project, state, batches: sparkBatches(config, output.outputs) },
        render.renderBatches,
      )
    }
    if (action === 'image') {
      const builder = await infra.openImages(config)
      const built = await verbs.infraImage(ports, config, { ...options, builder })
      const next = await context.next({ command: 'infra', action: 'image built', inUse: built.inUse })
      return context.report(built, render.renderImage, 0, next)
    }
    if (action === 'plan' || (action === 'apply' && dryRun)) {
      const plan = await verbs.infraPlan(ports, config, options)
      const next = await context.next({ command: 'infra', action: 'planned', plan })
      return context.report(plan, render.renderInfraPlan, detailedExitcode && plan.changed ? 2 : 0, next)
    }

    const prompts = confirm === undefined && !dryRun ? await context.prompts() : undefined
    warnOfSecondStop(context)
    if (action === 'destroy') {
      if (!prompts && !dryRun && confirm === undefined) throw typedIdNeeded(project)
      const consent = async (destroyPlan: DestroyPlan) => {
        ui.note(render.renderDestroyPlan(destroyPlan))
        if (prompts) await typed(prompts, destroyPlan.project, 'destroy all of this')
      }
      const inventory = await infra.openInventory(config)
      const result = await verbs.infraDestroy(ports, config, { ...options, consent, inventory, dryRun })
      const none = result.destroyPlan.kinds.length === 0
      const next = none
        ? []
        : await context.next(
            dryRun
              ? { command: 'infra', action: 'destroy planned', project: result.project }
              : { command: 'infra', action: 'destroyed' },
          )
      return context.report(result, render.renderDestroyed, 0, next)
    }
    if (!prompts && !context.flags.yes && confirm === undefined) throw consentNeeded(context)
    const consent = async (plan: InfraPlanResult) => {
      ui.note(render.renderInfraPlan(plan))
      await consentToApply(plan, { prompts: context.flags.yes ? undefined : prompts, confirmed: confirm !== undefined })
    }
    const agents = emulatorsOf(context.io.env) ? undefined : await infra.openAgents(config)
    const applied = await verbs.infraApply(ports, config, { ...options, consent, agents })
    const { build, image } = applied.outputs
    const noImage = (build ?? null) !== null && (image ?? null) === null
    context.report(
      applied,
      render.renderApplied,
      0,
      await context.next({ command: 'infra', action: 'applied', noImage }),
    )
  })
}

async function reportNone(context: Context, config: Config, target: string, why: string): Promise<void> {
  await using ports = await context.verbs.openPorts(config)
  context.report(
    { target, needed: false },
    () => `Target ${target} needs no infrastructure: ${why}.`,
    0,
    await context.next({ command: 'infra', action: 'not needed' }, ports, config),
  )
}

function refuseFlags(action: InfraAction, { detailedExitcode, confirm, spark }: InfraFlags): void {
  if (spark && action !== 'output')
    throw new RetailError('bad_flag', '--spark works only with output', {
      why: 'it prints commands',
      hint: advise`${retail('infra', 'output', '--spark')}`,
    })
  if (detailedExitcode && action !== 'plan')
    throw new RetailError('bad_flag', '--detailed-exitcode works only with plan', {
      why: 'its exit codes say whether anything would change',
      hint: advise`${retail('infra', 'plan', '--detailed-exitcode')}`,
    })
  if (confirm !== undefined && action !== 'apply' && action !== 'destroy')
    throw new RetailError('bad_flag', `--confirm does not apply to ${action}`, {
      why: 'it gives consent to lose data',
      hint: advise`${retail('infra', action)}`,
    })
}

/** A yes is enough to add resources. Destroying data requires the project id, typed. */
async function consentToApply(
  { project, changes }: InfraPlanResult,
  { prompts, confirmed }: { prompts: Prompts | undefined; confirmed: boolean },
): Promise<void> {
  if (confirmed) return
  if (changes.lost.length > 0 && !prompts)
    throw new RetailError('input_needed', 'this apply would lose data', {
      why: `it destroys or recreates: ${changes.lost.join(', ')}`,
      hint: advise`${retail('infra', 'apply', '--confirm', project)}`,
    })
  if (changes.lost.length > 0) return typed(prompts!, project, 'lose that data')
  if (!prompts) return
  const go = await orCancelled(
    prompts.select('Make these changes?', [
      { value: true, name: 'Apply' },
      { value: false, name: 'Cancel' },
    ]),
  )
  if (!go) throw cancelled()
}

async function typed(prompts: Prompts, project: string, what: string): Promise<void> {
  await orCancelled(
    prompts.input(`Type the project id (${project}) to ${what}`, '', (text) =>
      text === project ? true : `type ${project}, or press Ctrl-C`,
    ),
  )
}

async function orCancelled<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer
  } catch (error) {
    throw error instanceof RetailError && error.code === 'stopped' ? cancelled(error) : error
  }
}

const cancelled = (cause?: unknown) =>
  new RetailError('stopped', 'cancelled', {
    why: 'nothing was changed',
    hint: advise`review the plan again: ${retail('infra', 'plan')}`,
    cause,
  })

const consentNeeded = (context: Context) =>
  new RetailError('input_needed', 'apply changes a cloud project and needs confirmation, but stdin is not a terminal', {
    why: 'missing: --yes',
    hint: advise`review the changes with ${retail('infra', 'plan')}, then: ${['retail', ...context.argv, '--yes']}`,
  })

const typedIdNeeded = (project: string) =>
  new RetailError('input_needed', 'destroy needs the project id as confirmation, but stdin is not a terminal', {
    why: 'missing: --confirm (--yes is not enough)',
    hint: advise`${retail('infra', 'destroy', '--confirm', project)}`,
  })

function warnOfSecondStop({ signal, ui }: Context): void {
  signal.addEventListener(
    'abort',
    () =>
      ui.note(
        'Terraform is finishing its current operation and saving its state. A second Ctrl-C interrupts that: resources it just created\nwould be missing from the state, and the next apply would ask you to import or remove them.',
      ),
    { once: true },
  )
}
