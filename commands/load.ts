import type { Command } from 'commander'
import type { LoadTick } from '../src/pipeline/results.ts'
import { explain } from './command.ts'
import type { Context } from './context.ts'
import { countFlag, durationFlag, overrideOptions } from './flags.ts'
import type { OverrideFlags } from './given.ts'

interface LoadFlags extends OverrideFlags {
  duration?: number
  maxEvents?: number
  idle?: number
  dryRun?: boolean
}

export function load(context: Context, command: Command): Command {
  explain(context, command, {
    about:
      'Runs until Ctrl-C, which commits and acknowledges what is in hand. Several may run at the same time. An event is acknowledged when it can be queried; what is no event goes to the table dead_letter, with the reason.',
    examples: [
      ['retail load', 'as long as it is let'],
      ['retail load --idle 30s', 'until nothing has come for half a minute'],
    ],
    lines: true,
  })
    .option('--duration <time>', 'stop after this long: 30s, 5m, 1h', durationFlag)
    .option('--max-events <n>', 'stop when so many are loaded', countFlag(1))
    .option('--idle <time>', 'stop when nothing came for so long', durationFlag)
    .option('--dry-run', 'say what would be done')
  for (const option of overrideOptions()) command.addOption(option)
  return command.action(async ({ duration, maxEvents, idle, dryRun, ...overrides }: LoadFlags) => {
    const { renderLoad, renderLoadPlan, renderLoadTick } = await import('./render/load.ts')
    const { config } = await context.load(overrides)
    if (dryRun) {
      const { gcpNames } = await import('../src/config/gcp-names.ts')
      const { whyNotNeeded } = await import('../src/pipeline/load.ts')
      const { datasets, subscriptions } = config.gcp
        ? gcpNames(config.gcp)
        : { datasets: undefined, subscriptions: undefined }
      const from = Object.values(subscriptions ?? {})
      const why = whyNotNeeded(config)
      return context.report({ dryRun, target: config.target, into: datasets?.raw, from, why }, renderLoadPlan)
    }
    await using ports = await context.open(config)
    const result = await context.verbs.load(ports, config, {
      durationMs: duration,
      maxEvents,
      idleMs: idle,
      signal: context.signal,
      onTick(tick: LoadTick) {
        context.ui.live(renderLoadTick(tick))
        context.progress(tick)
      },
    })
    context.report(result, renderLoad)
  })
}
