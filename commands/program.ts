import { type Command, Option } from 'commander'
import type { CommandName } from '../src/advice.ts'
import { define, describeCommand } from './command.ts'
import type { Context } from './context.ts'
import { widthOf } from './io.ts'
import { layOut, unbroken } from './render/layout.ts'

/** The commands, in the order in which data flows. */
const groups: Record<string, Partial<Record<CommandName, string>>> = {
  'Set up:': {
    init: 'create a workspace, from a few questions or from flags',
    infra: 'create the cloud infrastructure that the target needs',
    plan: 'estimate the time, disk space, quotas, and cost of a world',
  },
  'Generate data:': {
    'seed-dims': 'write the dimension tables: products and stores',
    backfill: 'generate history and write it as Parquet, or export it',
    stream: 'generate live events, starting where history ends',
    faults: 'explain the faults of a stream, and list the answer key',
    load: 'target gcp: move live events from Pub/Sub into BigQuery',
    'dead-letters': 'target gcp: list messages that were rejected, publish them again, or drop them',
  },
  'Use data:': {
    transform: 'build and test staging and marts with dbt, then publish them',
    dbt: 'run any command of dbt on the project, without publishing',
    verify: 'regenerate the expected data from the seed and compare every row',
    grade: 'compare your own tables with the expected data, to the cell',
    repair: 'regenerate missing or damaged files: parts, batches, dimensions, state, database',
    status: 'show what exists, how fresh it is, what is running, and what to do next',
    dashboard: 'show sales and stock in a browser, live',
    sql: 'answer a query of the published tables, as a table, CSV, or JSON',
    pack: 'write everything to one portable DuckDB file',
  },
  'All at once:': {
    demo: 'run every step once in a new folder: history, live sales, dbt, verify',
  },
  'More:': {
    completion: 'print the completion script for a shell',
    help: 'explain a command, or the exit codes',
  },
}

type Fill = (context: Context, command: Command) => Command

/** Loads only the commands that the command line names, because help must start fast. */
const files: Record<CommandName, () => Promise<Fill>> = {
  init: async () => (await import('./init.ts')).init,
  infra: async () => (await import('./infra.ts')).infra,
  plan: async () => (await import('./plan.ts')).plan,
  'seed-dims': async () => (await import('./seed-dims.ts')).seedDims,
  backfill: async () => (await import('./backfill.ts')).backfill,
  stream: async () => (await import('./stream.ts')).stream,
  faults: async () => (await import('./faults.ts')).faults,
  load: async () => (await import('./load.ts')).load,
  'dead-letters': async () => (await import('./dead-letters.ts')).deadLetters,
  transform: async () => (await import('./transform.ts')).transform,
  dbt: async () => (await import('./dbt.ts')).dbt,
  verify: async () => (await import('./verify.ts')).verify,
  grade: async () => (await import('./grade.ts')).grade,
  repair: async () => (await import('./repair.ts')).repair,
  status: async () => (await import('./status.ts')).status,
  dashboard: async () => (await import('./dashboard.ts')).dashboard,
  sql: async () => (await import('./sql.ts')).sql,
  pack: async () => (await import('./pack.ts')).pack,
  demo: async () => (await import('./demo.ts')).demo,
  completion: async () => (await import('./completion.ts')).completion,
  help: async () => (await import('./help.ts')).help,
}

const MORE = `More: ${['retail help <command>', 'retail help exit-codes', 'retail status'].map(unbroken).join(' · ')}`

export async function buildProgram(context: Context): Promise<Command> {
  const program = describeCommand(
    context,
    define(context, 'retail', 'simulate the data of a US retailer from one seed'),
    {
      examples: [
        ['retail demo', 'run every step once in a new folder'],
        ['retail init', 'create your own workspace'],
        ['retail stream --rate 50', 'generate 50 live events per second'],
      ],
    },
  )
    .usage('<command> [options]')
    .addOption(new Option('-V, --version', 'print the version; with --json, also the runtime'))
    .addHelpText('after', () => `\n${layOut(MORE, widthOf(context.io.stdout))}`)
  for (const option of globalOptions()) program.addOption(option)

  const named = new Set(context.argv)
  for (const [group, summaries] of Object.entries(groups))
    for (const [name, summary] of Object.entries(summaries)) {
      const command = define(context, name, summary).helpGroup(group)
      program.addCommand(
        named.has(name) || named.has('completion') ? (await files[name as CommandName]())(context, command) : command,
      )
    }
  return program
}

/** Flags that every command accepts, before or after its name; see GlobalFlags. */
const globalOptions = (): Option[] => [
  new Option('--workspace <dir>', 'folder with retail.yaml (default: this folder or the nearest parent)'),
  new Option('--json', 'print the result as JSON'),
  new Option('-q, --quiet', 'print only the result and errors'),
  new Option('-v, --verbose', 'show every step'),
  new Option('--debug', 'show stack traces'),
  new Option('--no-color', 'disable colors'),
  new Option('--no-input', 'never prompt; fail if required input is missing'),
  new Option('--yes', 'use the defaults and do not prompt'),
]
