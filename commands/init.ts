import { existsSync } from 'node:fs'
import path from 'node:path'
import { type Command, Option } from 'commander'
import { adviceText, advise, type CommandLine } from '../src/advice.ts'
import { credentialsOf } from '../src/config/credentials.ts'
import { emulatorsOf } from '../src/config/emulators.ts'
import type { LoadedConfig } from '../src/config/load.ts'
import type { Overrides } from '../src/config/settings.ts'
import { type SizeName, sizeNames, sizes } from '../src/config/sizes.ts'
import { targets } from '../src/config/targets.ts'
import { EXIT_CODES, RetailError } from '../src/errors.ts'
import type { CloudCheck } from '../src/pipeline/cloud-checks.ts'
import type { PlannedFile } from '../src/pipeline/init.ts'
import { type TemplateName, templateNames } from '../src/pipeline/templates.ts'
import type { WorldSchema } from '../src/tables/index.ts'
import { type Day, formatDay, isCounted, untilNow } from '../src/time.ts'
import { againLine, answersOf, UNKNOWN, valuesOf } from './answers.ts'
import { describeCommand } from './command.ts'
import type { Context } from './context.ts'
import { type OverrideFlags, overridesOf } from './flag-types.ts'
import { choiceFlag, choicesFlag, cloudOptions, dayFlag, overrideOptions } from './flags.ts'
import { renderDiff } from './render/diff.ts'
import { renderInit, renderPlan } from './render/init.ts'
import type { InitAnswers, Question } from './ui/question.ts'
import { questions } from './ui/questions.ts'
import { runWizard } from './ui/wizard.ts'

const SCHEMAS = ['strict', 'extended'] as const satisfies readonly WorldSchema[]

interface InitFlags extends OverrideFlags {
  size?: SizeName
  from?: { day: Day; counted: boolean }
  to?: Day
  with?: TemplateName[]
  force?: boolean
  skipChecks?: boolean
  dryRun?: boolean
}

export function init(context: Context, command: Command): Command {
  describeCommand(context, command, {
    about: `Writes retail.yaml, entries in .gitignore, and .retail/; --with adds files for other tools. Shows a diff before it changes a file you wrote.
For target gcp, it takes the default project and region from gcloud and your credentials, then asks Google once which permissions you have.`,
    examples: [
      ['retail init', 'ask for every setting'],
      ['retail init --yes', 'use the defaults'],
      ['retail init --target gcp --project my-project --yes', 'use Google Cloud'],
      ['retail init --size tiny --from 2024-01-01 --to 2024-01-31 --yes', 'give the settings as flags'],
      ['retail init --from -90d --yes', 'the last 90 days, written to retail.yaml as dates'],
      ['retail init --with airflow,make --yes', 'also write DAGs and a Makefile'],
    ],
  })
    .addOption(
      new Option('--size <name>', 'preset for stores, products, and lines per store and day')
        .choices(sizeNames)
        .argParser(choiceFlag(sizeNames)),
    )
    .option('--from <day>', 'first day of history: 2024-01-31, today, yesterday, -90d, -3mo', (text: string) => ({
      day: dayFlag(context.today)(text),
      counted: isCounted(text),
    }))
    .option(
      '--to <day>',
      'last day of history, inclusive (default: yesterday if --from is relative, like -90d)',
      dayFlag(context.today),
    )
    .option(
      '--with <names>',
      `also write files for these tools: ${templateNames.join(', ')}`,
      choicesFlag(templateNames),
    )
    .addOption(
      new Option(
        '--schema <name>',
        'tables and columns: extended adds baskets, customers, prices over time, and causes of movements',
      )
        .choices(SCHEMAS)
        .argParser(choiceFlag(SCHEMAS)),
    )
    .option('--force', 'change files you wrote without asking; shows the diff first')
    .option('--skip-checks', 'target gcp: do not check permissions with Google')
    .option('--dry-run', 'show what would be written')
  for (const option of [...overrideOptions(), ...cloudOptions()]) command.addOption(option)
  return command.action(async (flags: InitFlags) => {
    const { planInit, writeInit } = await import('../src/pipeline/init.ts')
    const workspace = path.resolve(context.io.cwd, context.flags.workspace ?? (context.io.env.RETAIL_WORKSPACE || '.'))
    if (flags.credentials) flags.credentials = path.resolve(context.io.cwd, flags.credentials)
    const { loaded, afresh } = await readCurrent(context, workspace, flags)
    const prompts = context.flags.yes ? undefined : await context.prompts()
    const mayFill = prompts || flags.with?.includes('kubernetes')
    const { fillCluster } = mayFill ? await import('../src/pipeline/cluster.ts') : {}
    const plan = ({ extras, ...answers }: InitAnswers) =>
      planInit(workspace, valuesOf({ extras, ...answers }), {
        ...{ afresh, extras, today: context.today },
        fill: extras.includes('kubernetes') ? fillCluster : undefined,
      })
    const preset = answersOf(loaded, flags.with)
    if (preset.gcp && existsSync(workspace)) refuseKeyInside(context, workspace, loaded)

    let answers = preset
    if (prompts)
      answers = await runWizard(
        prompts,
        context.ui,
        preset,
        questions.filter((each) => isOpen(each, loaded, flags)),
        (now) => renderPlan(plan(now)),
        context.today,
      )
    else {
      refuseMissing(loaded, preset, againLine(preset, context.flags.workspace), context.flags.yes === true)
      if (!flags.dryRun) consent(context, plan(answers), flags.force === true)
    }
    const written = writeInit(workspace, plan(answers), { dryRun: flags.dryRun })
    const checks = flags.skipChecks || flags.dryRun ? undefined : await cloudChecks(context, workspace)
    const again = context.spell(againLine(answers, context.flags.workspace))
    context.report(
      {
        ...written,
        ...(checks && {
          checks: checks.map((check) => ({
            ...check,
            fix: check.fix.map((each) => adviceText(each, context.spell)),
          })),
        }),
        again,
      },
      (result) => renderInit({ ...result, ...(checks && { checks }) }, again, context.spell),
      checks?.some(({ state }) => state === 'missing') ? EXIT_CODES.cloud_denied : 0,
      await context.next({ command: 'init', needsInfra: (await context.verbs.targetOf(answers)).infra.needed }),
    )
  })
}

/** The effective values from file, variables, and flags. With --force, an unreadable config file is replaced. */
async function readCurrent(
  context: Context,
  workspace: string,
  flags: InitFlags,
): Promise<{ loaded: LoadedConfig; afresh: boolean }> {
  const { loadConfig } = await import('../src/config/load.ts')
  const { cwd, env } = context.io
  const overrides = {
    ...(flags.size && sizes[flags.size].values),
    ...overridesOf(flags),
    ...periodOf(flags),
  }
  const presets = { ...(await cloudPresets(env, flags.credentials)), ...presetPeriod(flags, context.today) }
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

/** A question is asked unless a flag or variable answers it. The value in the file is the default answer. */
const isOpen = ({ settings }: Question, { sources }: LoadedConfig, flags: InitFlags) =>
  (settings.length === 0 && flags.with === undefined) ||
  settings.some((setting) => sources[setting] === 'default' || sources[setting] === 'file')

/** --yes uses defaults; it never invents a value that has no default. */
function refuseMissing({ sources }: LoadedConfig, answers: InitAnswers, example: CommandLine, yes: boolean): void {
  const missing = questions.filter(
    (question) =>
      !question.optional &&
      (question.when?.(answers) ?? true) &&
      question.settings.every((setting) => sources[setting] === 'default') &&
      (!yes || question.show(answers) === ''),
  )
  if (missing.length === 0) return
  throw new RetailError('input_needed', 'init needs input, but stdin is not a terminal', {
    why: `missing: ${missing.flatMap(({ flags }) => flags).join(', ')}${yes ? '' : ' (or use --yes for the defaults)'}`,
    hint: advise`${example}`,
  })
}

/** The cloud settings that this machine provides and that the config supports. */
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
  if (targets[config.target].needs || config.gcp?.credentials) credentialsOf({ ...config, workspace }, io.env)
}

/** After the files are written: what the next command would fail on. Undefined if there is nothing to check. */
async function cloudChecks(context: Context, workspace: string): Promise<CloudCheck[] | undefined> {
  const { cwd, env } = context.io
  const [{ loadConfig }, { cloudHere }, { checkCloud }, { optionsIn }] = await Promise.all([
    import('../src/config/load.ts'),
    import('../src/config/cloud-here.ts'),
    import('../src/pipeline/cloud-checks.ts'),
    import('../src/pipeline/infra/folder.ts'),
  ])
  const { config: loaded } = loadConfig({ cwd, env, workspace })
  const { preflight } = await context.verbs.targetOf(loaded)
  if (!preflight.checks || emulatorsOf(env)) return undefined
  const config = preflight.configOf(loaded)
  const here = cloudHere(env, credentialsOf(config, env).file)
  if (here.login) context.ui.step(`checking your permissions in project ${config.gcp.project}`)
  const ask = {
    findLacking: await preflight.openPermissions(config),
    isBilled: await preflight.openBilling(config),
  }
  return checkCloud(here, config.gcp, preflight.permissionsFor(optionsIn(workspace)), ask, context.signal)
}

/** Without prompts, only --force permits changes to files that the user wrote. */
function consent(context: Context, plan: readonly PlannedFile[], forced: boolean): void {
  const diffs = plan.flatMap(({ path: name, before, after, precious }) =>
    precious && before !== undefined && before !== after ? [{ name, diff: renderDiff(before, after) }] : [],
  )
  if (forced) for (const { name, diff } of diffs) context.ui.note(`${name} changes:\n${diff}`)
  else if (diffs.length === 1)
    throw refused(context, `${diffs[0].name} already exists and would change`, 'it is left unchanged', diffs[0].diff)
  else if (diffs.length > 1) {
    const names = diffs.map(({ name }) => name).join(', ')
    const text = diffs.map(({ name, diff }) => `    ${name}\n${diff}`).join('\n')
    throw refused(context, `${names} already exist and would change`, 'they are left unchanged', text)
  }
}

const refused = (context: Context, message: string, fate: string, diff: string): RetailError =>
  new RetailError('input_needed', message, {
    why: `without --force, ${fate}:\n${diff}`,
    hint: advise`${['retail', ...context.argv, '--force']}`,
  })

const periodOf = ({ from, to }: InitFlags): Overrides => ({
  ...(from && { 'history.from': formatDay(from.day) }),
  ...(to !== undefined && { 'history.to': formatDay(to) }),
})

/** A relative first day alone means until yesterday, unless a variable or the file says which day is the last. */
const presetPeriod = ({ from }: InitFlags, today: Day): Overrides =>
  from?.counted ? { 'history.to': formatDay(untilNow(from.day, today)) } : {}
