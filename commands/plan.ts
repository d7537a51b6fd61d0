import type { Command } from 'commander'
import type { Rate } from '../src/config/rate.ts'
import { isHere } from '../src/config/targets.ts'
import { documentPath } from '../src/documents.ts'
import type { Day } from '../src/time.ts'
import { describeCommand } from './command.ts'
import type { Context } from './context.ts'
import type { OverrideFlags } from './flag-types.ts'
import { amountFlag, countFlag, dayFlag, overrideOptions, rateFlag } from './flags.ts'

/** A plan for Google Cloud depends on neither name, so a workspace of target local needs none. */
const SOME_PROJECT = { 'gcp.project': 'some-project', 'gcp.bucket': 'some-project-retail' } as const

interface PlanFlags extends OverrideFlags {
  rows?: number
  rate?: Rate
  to?: Day
  tasks?: number
}

export function plan(context: Context, command: Command): Command {
  describeCommand(context, command, {
    about: `This only calculates: it creates nothing and makes no network calls. For target local, it compares the world with this machine; for target gcp, with Google's limits and prices, whose date it states. For other sizes and the source of the numbers, see\n${documentPath('docs/scale.md')}.`,
    examples: [
      ['retail plan', 'the world that retail.yaml defines'],
      ['retail plan --rows 100e9', 'a world with this many rows over the same days'],
      ['retail plan --rows 100e9 --to 2026-12-31', 'the same, over more days'],
      ['retail plan --target gcp', 'limits, quotas, and cost in Google Cloud; needs no project'],
      ['retail plan --rate 100k', 'a stream of 100,000 events per second'],
      ['retail plan --rate 500+5000/10s/60s', '500 per second, with a 10-second burst of 5,000 every minute'],
    ],
  })
    .option('--rows <n>', 'total sale lines and stock movements; scales the world to match', amountFlag)
    .option('--rate <rate>', 'events per second, in the same form as for stream (default: real time)', rateFlag)
    .option('--to <day>', 'last day of history (default: history.to)', dayFlag(context.today))
    .option('--tasks <n>', 'number of tasks of a job, one shard each (default: 8)', countFlag(1, 9_999))
  for (const option of overrideOptions()) command.addOption(option)
  return command.action(async ({ rows, rate, to, tasks, ...overrides }: PlanFlags) => {
    const [{ renderPlan }, { namesWorkspace }] = await Promise.all([
      import('./render/plan.ts'),
      import('../src/config/load.ts'),
    ])
    const loaded = await context.load(overrides, { presets: SOME_PROJECT })
    const { config } = loaded
    const machine = await context.io.machine(config.workspace)
    const result = await context.verbs.plan(config, { rows, rate, to, tasks, machine })
    const { again } = context
    const knownTarget = isHere(config.target) || loaded.sources['gcp.project'] !== 'default'
    context.report(
      result,
      (planned) => renderPlan(planned, { job: tasks !== undefined }),
      0,
      await context.next({ command: 'plan', again, result, inWorkspace: namesWorkspace(loaded), knownTarget }),
    )
  })
}
