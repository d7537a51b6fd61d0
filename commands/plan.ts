import type { Command } from 'commander'
import type { Day } from '../src/time.ts'
import { explain } from './command.ts'
import type { Context } from './context.ts'
import { amountFlag, countFlag, dayFlag, overrideOptions } from './flags.ts'
import type { OverrideFlags } from './given.ts'

interface PlanFlags extends OverrideFlags {
  rows?: number
  rate?: number
  to?: Day
  tasks?: number
}

export function plan(context: Context, command: Command): Command {
  explain(context, command, {
    about:
      'Arithmetic only: nothing is made and nobody is asked. Limits and prices are those of a day that is told with them.\nWhat this says of other sizes, and where it comes from: docs/scale.md.',
    examples: [
      ['retail plan', 'the world of retail.yaml'],
      ['retail plan --rows 100e9', 'a world of so many rows in the same days'],
      ['retail plan --rows 100e9 --to 2026-12-31', 'the same in more days'],
      ['retail plan --rate 100k', 'a stream of so many events a second'],
    ],
  })
    .option('--rows <n>', 'lines and movements: the world is made larger or smaller to have so many', amountFlag)
    .option('--rate <n>', 'events a second of the stream (default: real time)', amountFlag)
    .option('--to <day>', 'last day of history (default: history.to)', dayFlag)
    .option('--tasks <n>', 'tasks of a job that backfills (default: 8)', countFlag(1, 9_999))
  for (const option of overrideOptions()) command.addOption(option)
  return command.action(async ({ rows, rate, to, tasks, ...overrides }: PlanFlags) => {
    const { renderPlan } = await import('./render/plan.ts')
    const { config } = await context.load(overrides)
    context.report(await context.verbs.plan(config, { rows, rate, to, tasks }), renderPlan)
  })
}
