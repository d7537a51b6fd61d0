import path from 'node:path'
import { Argument, type Command } from 'commander'
import { RetailError } from '../src/errors.ts'
import type { InfraAction } from '../src/pipeline/infra.ts'
import type { Doomed, InfraPlanResult } from '../src/pipeline/results.ts'
import { explain } from './command.ts'
import type { Context } from './context.ts'
import { choiceFlag, credentialOptions, overrideOptions } from './flags.ts'
import type { OverrideFlags } from './given.ts'
import { next } from './render/format.ts'
import { shellLine } from './stop.ts'
import type { Prompts } from './ui/prompts.ts'

interface InfraFlags extends OverrideFlags {
  detailedExitcode?: boolean
  confirm?: string
  skipRemoteState?: boolean
  dryRun?: boolean
}

const ACTIONS: readonly InfraAction[] = ['plan', 'apply', 'destroy', 'output']

export function infra(context: Context, command: Command): Command {
  explain(context, command, {
    about: `Target local needs nothing. Target gcp is made by Terraform, or OpenTofu, from modules in the package, in .retail/terraform:
  plan     what would change, and what a month of it costs
  apply    make it so; asks before, or wants --yes
  destroy  take all of it away; wants the project id
  output   names and accounts of what was made
Options that are off (a Cloud Run job, Spark, an archive) are turned on in infra.tfvars beside retail.yaml.`,
    examples: [
      ['retail infra', 'what would be made; nothing is changed'],
      ['retail infra apply', 'make it'],
      ['retail infra output --json', 'its names, for scripts'],
      ['retail infra destroy --confirm my-project', 'take it away'],
    ],
  })
    .addArgument(
      new Argument('[action]', 'what to do').choices(ACTIONS).argParser(choiceFlag(ACTIONS)).default('plan', 'plan'),
    )
    .option('--detailed-exitcode', 'plan: exit 0 for no changes, 2 for changes, 1 for any failure')
    .option(
      '--confirm <project>',
      'destroy: the project id, typed as consent; apply: the same, where data would be lost',
    )
    .option('--skip-remote-state', "keep terraform's state in .retail/terraform, not in the bucket <bucket>-tfstate")
    .option('--dry-run', 'say what would be made, or destroyed')
  for (const option of [...credentialOptions(), ...overrideOptions().slice(0, 1)]) command.addOption(option)
  return command.action(async (action: InfraAction, flags: InfraFlags) => {
    refuseFlags(action, flags)
    const { detailedExitcode, confirm, skipRemoteState, dryRun, ...overrides } = flags
    if (overrides.credentials) overrides.credentials = path.resolve(context.io.cwd, overrides.credentials)
    const { config } = await context.load(overrides)
    if (config.target === 'local') return reportLocal(context)
    if (confirm !== undefined && confirm !== config.gcp!.project)
      throw new RetailError('bad_flag', `--confirm ${confirm} is not the project of this workspace`, {
        why: `retail.yaml says ${config.gcp!.project}`,
        hint: shellLine(['infra', action, '--confirm', config.gcp!.project]),
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
    if (action === 'output') return context.report(await verbs.infraOutput(ports, config, options), render.renderOutput)
    if (action === 'plan' || (action === 'apply' && dryRun)) {
      const plan = await verbs.infraPlan(ports, config, options)
      return context.report(plan, render.renderInfraPlan, detailedExitcode && plan.changed ? 2 : 0)
    }

    const prompts = confirm === undefined && !dryRun ? await context.prompts() : undefined
    warnOfSecondStop(context)
    if (action === 'destroy') {
      if (!prompts && !dryRun && confirm === undefined) throw typedIdNeeded(config.gcp!.project)
      const consent = async (doomed: Doomed) => {
        ui.note(render.renderDoomed(doomed))
        if (prompts) await typed(prompts, doomed.project, 'destroy all of this')
      }
      const inventory = await verbs.openInventory(config)
      const result = await verbs.infraDestroy(ports, config, { ...options, consent, inventory, dryRun })
      return context.report(result, render.renderDestroyed)
    }
    if (!prompts && !context.flags.yes && confirm === undefined) throw consentNeeded(context)
    const consent = async (plan: InfraPlanResult) => {
      ui.note(render.renderInfraPlan(plan, { brief: true }))
      await consentToApply(plan, { prompts: context.flags.yes ? undefined : prompts, confirmed: confirm !== undefined })
    }
    context.report(await verbs.infraApply(ports, config, { ...options, consent }), render.renderApplied)
  })
}

function reportLocal(context: Context): void {
  context.report(
    { target: 'local', needed: false },
    () =>
      `Target local needs nothing: data goes to files in the workspace.\n${next(['retail seed-dims', 'products and stores'])}`,
  )
}

function refuseFlags(action: InfraAction, { detailedExitcode, confirm }: InfraFlags): void {
  if (detailedExitcode && action !== 'plan')
    throw new RetailError('bad_flag', '--detailed-exitcode belongs to plan', {
      why: 'its exit codes tell whether there is something to change',
      hint: 'retail infra plan --detailed-exitcode',
    })
  if (confirm !== undefined && (action === 'plan' || action === 'output'))
    throw new RetailError('bad_flag', `--confirm has no use with ${action}`, {
      why: 'it consents to losing data',
      hint: `retail infra ${action}`,
    })
}

/** A yes is enough for what adds; what takes data away wants the project id, typed. */
async function consentToApply(
  { project, changes }: InfraPlanResult,
  { prompts, confirmed }: { prompts: Prompts | undefined; confirmed: boolean },
): Promise<void> {
  if (confirmed) return
  if (changes.lost.length > 0 && !prompts)
    throw new RetailError('input_needed', 'this apply would lose data', {
      why: `destroyed or replaced by something empty: ${changes.lost.join(', ')}`,
      hint: `retail infra apply --confirm ${project}`,
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
      text === project ? true : `${project}, or Ctrl-C`,
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
  new RetailError('stopped', 'cancelled', { why: 'nothing was changed', hint: 'look again: retail infra plan', cause })

const consentNeeded = (context: Context) =>
  new RetailError('input_needed', 'apply changes a cloud project, and there is nobody to ask', {
    why: 'missing: --yes',
    hint: `look at it with \`retail infra plan\`, then: ${shellLine([...context.argv, '--yes'])}`,
  })

const typedIdNeeded = (project: string) =>
  new RetailError('input_needed', 'destroy wants the project id typed, and there is nobody to ask', {
    why: 'missing: --confirm (--yes is not enough)',
    hint: `retail infra destroy --confirm ${project}`,
  })

function warnOfSecondStop({ signal, ui }: Context): void {
  signal.addEventListener(
    'abort',
    () =>
      ui.note(
        'Terraform finishes what it is at and saves its state. A second Ctrl-C would cut that short: what it made last would not be\nin the state, and the next apply would ask you to import or remove it.',
      ),
    { once: true },
  )
}
