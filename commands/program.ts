import { type Command, Option } from 'commander'
import { define, explain } from './command.ts'
import type { Context } from './context.ts'

/** The commands in the order data travels. */
const groups = {
  'Set up:': {
    init: 'begin a workspace: a few questions, or their flags',
    infra: 'make what the target needs before data can go there',
    plan: 'what a world of some size takes: hours, disk, quotas, money',
  },
  'Make data:': {
    'seed-dims': 'write the dimensions: products and stores',
    backfill: 'simulate history and write it as Parquet parts, or export it',
    stream: 'let the timeline run on from where history ends, live',
    load: 'target gcp: move live events from Pub/Sub into BigQuery',
  },
  'Use data:': {
    transform: 'build and test staging and marts with dbt, then publish them together',
    verify: 'make the truth again from the seed and compare every row with it',
    status: 'what exists, how fresh it is, what runs, what to do next',
    dashboard: 'see the retailer in a browser, live',
  },
  'All at once:': {
    demo: 'everything once in a fresh folder: history, live sales, dbt, verify',
  },
  'More:': {
    completion: 'print the completion script of a shell',
    help: 'explain a command, or the exit codes',
  },
}

type Fill = (context: Context, command: Command) => Command

/** Only those the command line names are loaded: help has to be quick. */
const files: Record<string, () => Promise<Fill>> = {
  init: async () => (await import('./init.ts')).init,
  infra: async () => (await import('./infra.ts')).infra,
  plan: async () => (await import('./plan.ts')).plan,
  'seed-dims': async () => (await import('./seed-dims.ts')).seedDims,
  backfill: async () => (await import('./backfill.ts')).backfill,
  stream: async () => (await import('./stream.ts')).stream,
  load: async () => (await import('./load.ts')).load,
  transform: async () => (await import('./transform.ts')).transform,
  verify: async () => (await import('./verify.ts')).verify,
  status: async () => (await import('./status.ts')).status,
  dashboard: async () => (await import('./dashboard.ts')).dashboard,
  demo: async () => (await import('./demo.ts')).demo,
  completion: async () => (await import('./completion.ts')).completion,
  help: async () => (await import('./help.ts')).help,
}

export async function buildProgram(context: Context): Promise<Command> {
  const program = explain(context, define(context, 'retail', "a US retailer's data estate from one seed"), {
    examples: [
      ['retail demo', 'everything once, in a fresh folder'],
      ['retail init', 'begin a workspace of your own'],
      ['retail stream --rate 50', 'live sales, 50 events a second'],
    ],
  })
    .usage('<command> [flags]')
    .addOption(new Option('-V, --version', 'print the version; with --json also what it runs on'))
    .addHelpText('after', '\nMore: retail help <command> · retail help exit-codes · retail status')
  for (const option of globalOptions()) program.addOption(option)

  const named = new Set(context.argv)
  for (const [group, summaries] of Object.entries(groups))
    for (const [name, summary] of Object.entries(summaries)) {
      const command = define(context, name, summary).helpGroup(group)
      program.addCommand(named.has(name) || named.has('completion') ? (await files[name]())(context, command) : command)
    }
  return program
}

/** Flags every command takes, before or after its name; see GlobalFlags. */
const globalOptions = (): Option[] => [
  new Option('--workspace <dir>', 'folder of retail.yaml (default: this one or the nearest above it)'),
  new Option('--json', 'print the result as JSON'),
  new Option('-q, --quiet', 'print the result and errors only'),
  new Option('-v, --verbose', 'tell every step'),
  new Option('--debug', 'show stacks of errors'),
  new Option('--no-color', 'no colours'),
  new Option('--no-input', 'never ask; fail where an answer is missing'),
  new Option('--yes', 'take the defaults and do not ask'),
]
