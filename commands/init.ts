import { existsSync } from 'node:fs'
import path from 'node:path'
import { type Command, Option } from 'commander'
import { credentialsOf } from '../src/config/credentials.ts'
import { emulatorsOf } from '../src/config/emulators.ts'
import type { LoadedConfig } from '../src/config/load.ts'
import type { Overrides } from '../src/config/settings.ts'
import { type SizeName, sizeNames, sizes } from '../src/config/sizes.ts'
import { EXIT_CODES, RetailError } from '../src/errors.ts'
import type { CloudCheck } from '../src/pipeline/cloud-checks.ts'
import type { PlannedFile } from '../src/pipeline/init.ts'
import { type TemplateName, templateNames } from '../src/pipeline/templates.ts'
import { type Day, formatDay } from '../src/time.ts'
import { againLine, answersOf, UNKNOWN, valuesOf } from './answers.ts'
import { explain } from './command.ts'
import type { Context } from './context.ts'
import { choiceFlag, choicesFlag, cloudOptions, dayFlag, overrideOptions } from './flags.ts'
import { type OverrideFlags, overridesOf } from './given.ts'
import { renderDiff } from './render/diff.ts'
import { renderInit, renderPlan } from './render/init.ts'
import { shellLine } from './stop.ts'
import type { InitAnswers, Question } from './ui/question.ts'
import { questions } from './ui/questions.ts'
import { runWizard } from './ui/wizard.ts'

interface InitFlags extends OverrideFlags {
  size?: SizeName
  from?: Day
  to?: Day
  with?: TemplateName[]
  force?: boolean
  skipChecks?: boolean
  dryRun?: boolean
}

export function init(context: Context, command: Command): Command {
  explain(context, command, {
    about: `Writes retail.yaml, lines of .gitignore and .retail/, and with --with what runs around them. Changes a file of yours only after showing how.
For target gcp it takes project and region from what gcloud and the credentials on this machine say, and then asks Google, once, what you may do there.`,
    examples: [
      ['retail init', 'asks'],
      ['retail init --yes', 'takes the defaults'],
      ['retail init --target gcp --project my-project --yes', 'in Google Cloud'],
      ['retail init --size tiny --from 2024-01-01 --to 2024-01-31 --yes', 'answers'],
      ['retail init --with airflow,make --yes', 'also DAGs and a Makefile'],
    ],
  })
    .addOption(
      new Option('--size <name>', 'stores, products and lines at once')
        .choices(sizeNames)
        .argParser(choiceFlag(sizeNames)),
    )
    .option('--from <day>', 'first day of history, YYYY-MM-DD', dayFlag)
    .option('--to <day>', 'last day of history, inclusive', dayFlag)
    .option('--with <names>', `also write files for: ${templateNames.join(', ')}`, choicesFlag(templateNames))
    .option('--force', 'change files of yours without asking, after showing how')
    .option('--skip-checks', 'target gcp: ask Google nothing')
    .option('--dry-run', 'say what would be written')
  for (const option of [...overrideOptions(), ...cloudOptions()]) command.addOption(option)
  return command.action(async (flags: InitFlags) => {
    const { planInit, writeInit } = await import('../src/pipeline/init.ts')
    const workspace = path.resolve(context.io.cwd, context.flags.workspace ?? (context.io.env.RETAIL_WORKSPACE || '.'))
    if (flags.credentials) flags.credentials = path.resolve(context.io.cwd, flags.credentials)
    const { loaded, afresh } = await readCurrent(context, workspace, flags)
    const plan = (answers: InitAnswers) => planInit(workspace, valuesOf(answers), { afresh, extras: answers.extras })
    const preset = answersOf(loaded, flags.with)
    if (preset.gcp && existsSync(workspace)) refuseKeyInside(context, workspace, loaded)

    let answers = preset
    const prompts = context.flags.yes ? undefined : await context.prompts()
    if (prompts)
      answers = await runWizard(
        prompts,
        context.ui,
        preset,
        questions.filter((each) => isOpen(each, loaded, flags)),
        (now) => renderPlan(plan(now)),
      )
    else {
      refuseMissing(loaded, preset, againLine(preset, context.flags.workspace), context.flags.yes === true)
      if (!flags.dryRun) consent(context, plan(answers), flags.force === true)
    }
    const written = writeInit(workspace, plan(answers), { dryRun: flags.dryRun })
    const checks = flags.skipChecks || flags.dryRun ? undefined : await cloudChecks(context, workspace)
    const again = againLine(answers, context.flags.workspace)
    context.report(
      { ...written, ...(checks && { checks }), again },
      (result) => renderInit(result, again, answers.target),
      checks?.some(({ state }) => state === 'missing') ? EXIT_CODES.cloud_denied : 0,
    )
  })
}

/** What holds now, from file, variables and flags. With --force a file that cannot be read as config is begun anew. */
async function readCurrent(
  context: Context,
  workspace: string,
  flags: InitFlags,
): Promise<{ loaded: LoadedConfig; afresh: boolean }> {
  const { loadConfig } = await import('../src/config/load.ts')
  const { cwd, env } = context.io
  const overrides = { ...(flags.size && sizes[flags.size].values), ...overridesOf(flags), ...periodOf(flags) }
  const presets = await cloudPresets(env, flags.credentials)
  const load = (afresh: boolean) => ({
    loaded: loadConfig({ cwd, env, workspace, overrides, presets, afresh }),
    afresh,
  })
  if (!existsSync(workspace)) return load(true)
  try {
    return load(false)
  } catch (error) {
    if (flags.force && error instanceof RetailError && error.code === 'bad_config') return load(true)
    throw error
  }
}

/** A question is asked unless a flag or a variable answered it; what a file says is its preset. */
const isOpen = ({ settings }: Question, { sources }: LoadedConfig, flags: InitFlags) =>
  (settings.length === 0 && flags.with === undefined) ||
  settings.some((setting) => sources[setting] === 'default' || sources[setting] === 'file')

/** --yes takes defaults, and invents nothing that has none. */
function refuseMissing({ sources }: LoadedConfig, answers: InitAnswers, example: string, yes: boolean): void {
  const missing = questions.filter(
    (question) =>
      !question.optional &&
      (question.when?.(answers) ?? true) &&
      question.settings.every((setting) => sources[setting] === 'default') &&
      (!yes || question.show(answers) === ''),
  )
  if (missing.length === 0) return
  throw new RetailError('input_needed', 'init needs answers, and there is nobody to ask', {
    why: `missing: ${missing.flatMap(({ flags }) => flags).join(', ')}${yes ? '' : ' (or --yes for the defaults)'}`,
    hint: example,
  })
}

/** What this machine says about the cloud, where it says something that a config can say. */
async function cloudPresets(env: Context['io']['env'], credentials: string | undefined): Promise<Overrides> {
  const [{ cloudHere }, { gcpSection }] = await Promise.all([
    import('../src/config/cloud-here.ts'),
    import('../src/config/gcp.ts'),
  ])
  const { project, region } = cloudHere(env, credentials)
  const { shape } = gcpSection
  return {
    'gcp.project': shape.project.safeParse(project?.value).success ? project?.value : UNKNOWN,
    'gcp.bucket': UNKNOWN,
    ...(shape.region.safeParse(region?.value).success && region && { 'gcp.region': region.value }),
  }
}

/** Throws before anything is written. */
function refuseKeyInside({ io }: Context, workspace: string, { config }: LoadedConfig): void {
  if (config.target === 'gcp' || config.gcp?.credentials) credentialsOf({ ...config, workspace }, io.env)
}

/** After the files are there: what the next command would stumble over. Undefined where there is nothing to ask. */
async function cloudChecks(context: Context, workspace: string): Promise<CloudCheck[] | undefined> {
  const { cwd, env } = context.io
  const [{ loadConfig }, { cloudHere }, { checkCloud }] = await Promise.all([
    import('../src/config/load.ts'),
    import('../src/config/cloud-here.ts'),
    import('../src/pipeline/cloud-checks.ts'),
  ])
  const { config } = loadConfig({ cwd, env, workspace })
  if (config.target !== 'gcp' || !config.gcp || emulatorsOf(env)) return undefined
  const here = cloudHere(env, credentialsOf(config, env).file)
  if (here.login) context.ui.step(`asking Google Cloud what you may do in project ${config.gcp.project}`)
  return checkCloud(here, config.gcp, await context.verbs.openPermissions(config), context.signal)
}

/** Nobody is asked here, so files that people wrote change only with --force. */
function consent(context: Context, plan: readonly PlannedFile[], forced: boolean): void {
  const diffs = plan.flatMap(({ path: name, before, after, precious }) =>
    precious && before !== undefined && before !== after ? [{ name, diff: renderDiff(before, after) }] : [],
  )
  if (forced) for (const { name, diff } of diffs) context.ui.note(`${name} changes:\n${diff}`)
  else if (diffs.length === 1)
    throw refused(context, `${diffs[0].name} is there already and would change`, 'it stays as it is', diffs[0].diff)
  else if (diffs.length > 1) {
    const names = diffs.map(({ name }) => name).join(', ')
    const text = diffs.map(({ name, diff }) => `    ${name}\n${diff}`).join('\n')
    throw refused(context, `${names} are there already and would change`, 'they stay as they are', text)
  }
}

const refused = (context: Context, message: string, fate: string, diff: string): RetailError =>
  new RetailError('input_needed', message, {
    why: `without a yes of yours ${fate}:\n${diff}`,
    hint: `${shellLine(context.argv)} --force`,
  })

function periodOf({ from, to }: InitFlags): Overrides {
  return {
    ...(from !== undefined && { 'history.from': formatDay(from) }),
    ...(to !== undefined && { 'history.to': formatDay(to) }),
  }
}
