import { existsSync } from 'node:fs'
import path from 'node:path'
import { type Command, Option } from 'commander'
import type { LoadedConfig } from '../src/config/load.ts'
import type { Overrides } from '../src/config/settings.ts'
import { type SizeName, sizeNames, sizes } from '../src/config/sizes.ts'
import { RetailError } from '../src/errors.ts'
import type { PlannedFile } from '../src/pipeline/init.ts'
import { type Day, formatDay } from '../src/time.ts'
import { againLine, answersOf, valuesOf } from './answers.ts'
import { explain } from './command.ts'
import type { Context } from './context.ts'
import { choiceFlag, dayFlag, overrideOptions } from './flags.ts'
import { type OverrideFlags, overridesOf } from './given.ts'
import { renderDiff } from './render/diff.ts'
import { renderInit, renderPlan } from './render/init.ts'
import { shellLine } from './stop.ts'
import { type InitAnswers, type Question, questions } from './ui/questions.ts'
import { runWizard } from './ui/wizard.ts'

interface InitFlags extends OverrideFlags {
  size?: SizeName
  from?: Day
  to?: Day
  force?: boolean
  dryRun?: boolean
}

export function init(context: Context, command: Command): Command {
  explain(context, command, {
    about: 'Writes retail.yaml, lines of .gitignore and .retail/. Changes a retail.yaml only after showing how.',
    examples: [
      ['retail init', 'asks'],
      ['retail init --yes', 'takes the defaults'],
      ['retail init --size tiny --from 2024-01-01 --to 2024-01-31 --yes', 'answers'],
    ],
  })
    .addOption(
      new Option('--size <name>', 'stores, products and lines at once')
        .choices(sizeNames)
        .argParser(choiceFlag(sizeNames)),
    )
    .option('--from <day>', 'first day of history, YYYY-MM-DD', dayFlag)
    .option('--to <day>', 'last day of history, inclusive', dayFlag)
    .option('--force', 'change an existing retail.yaml without asking')
    .option('--dry-run', 'say what would be written')
  for (const option of overrideOptions()) command.addOption(option)
  return command.action(async (flags: InitFlags) => {
    const { planInit, writeInit } = await import('../src/pipeline/init.ts')
    const workspace = path.resolve(context.io.cwd, context.flags.workspace ?? (context.io.env.RETAIL_WORKSPACE || '.'))
    const { loaded, afresh } = await readCurrent(context, workspace, flags)
    const plan = (answers: InitAnswers) => planInit(workspace, valuesOf(answers), { afresh })
    const preset = answersOf(loaded)

    let answers = preset
    const prompts = context.flags.yes ? undefined : await context.prompts()
    if (prompts)
      answers = await runWizard(
        prompts,
        context.ui,
        preset,
        questions.filter((each) => isOpen(each, loaded)),
        (now) => renderPlan(plan(now)),
      )
    else {
      if (!context.flags.yes) refuseMissing(loaded, againLine(preset, context.flags.workspace))
      if (!flags.dryRun) consent(context, plan(answers), flags.force === true)
    }
    const result = writeInit(workspace, plan(answers), { dryRun: flags.dryRun })
    const again = againLine(answers, context.flags.workspace)
    context.report({ ...result, again }, (written) => renderInit(written, again))
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
  const load = (afresh: boolean) => ({ loaded: loadConfig({ cwd, env, workspace, overrides, afresh }), afresh })
  if (!existsSync(workspace)) return load(true)
  try {
    return load(false)
  } catch (error) {
    if (flags.force && error instanceof RetailError && error.code === 'bad_config') return load(true)
    throw error
  }
}

/** A question is asked unless a flag or a variable answered it; what a file says is its preset. */
const isOpen = ({ settings }: Question, { sources }: LoadedConfig) =>
  settings.some((setting) => sources[setting] === 'default' || sources[setting] === 'file')

function refuseMissing({ sources }: LoadedConfig, example: string): void {
  const missing = questions.filter(
    ({ settings, optional }) => !optional && settings.every((setting) => sources[setting] === 'default'),
  )
  if (missing.length === 0) return
  throw new RetailError('input_needed', 'init needs answers, and there is nobody to ask', {
    why: `missing: ${missing.flatMap(({ flags }) => flags).join(', ')} (or --yes for the defaults)`,
    hint: example,
  })
}

/** Nobody is asked here, so a file that people wrote changes only with --force. */
function consent(context: Context, plan: readonly PlannedFile[], forced: boolean): void {
  for (const { path: name, before, after, precious } of plan) {
    if (!precious || before === undefined || before === after) continue
    const diff = renderDiff(before, after)
    if (forced) context.ui.note(`${name} changes:\n${diff}`)
    else
      throw new RetailError('input_needed', `${name} is there already and would change`, {
        why: `without a yes of yours it stays as it is:\n${diff}`,
        hint: `${shellLine(context.argv)} --force`,
      })
  }
}

function periodOf({ from, to }: InitFlags): Overrides {
  return {
    ...(from !== undefined && { 'history.from': formatDay(from) }),
    ...(to !== undefined && { 'history.to': formatDay(to) }),
  }
}
