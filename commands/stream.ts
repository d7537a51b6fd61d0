import { type Command, Option } from 'commander'
import type { StreamTick } from '../src/pipeline/results.ts'
import { formatSecond, type Second } from '../src/time.ts'
import { explain } from './command.ts'
import type { Context } from './context.ts'
import { countFlag, durationFlag, instantFlag, overrideOptions, rateFlag, speedFlag } from './flags.ts'
import type { OverrideFlags } from './given.ts'

interface StreamFlags extends OverrideFlags {
  speed?: number | 'max'
  rate?: number
  duration?: number
  until?: Second
  maxEvents?: number
  resendFrom?: Second
  dryRun?: boolean
}

export function stream(context: Context, command: Command): Command {
  explain(context, command, {
    about:
      'Ctrl-C stops it cleanly (exit code 130); the next run goes on exactly there. In scripts, use --duration (exit code 0).',
    examples: [
      ['retail stream', 'as fast as the clock'],
      ['retail stream --rate 500 --duration 5m', '500 events a second for five minutes'],
      ['retail stream --speed max --until 2024-04-02', 'one day, as fast as it goes'],
    ],
    lines: true,
  })
    .option('--speed <factor>', 'so many times as fast as the clock, or max (default: 1)', speedFlag)
    .addOption(new Option('--rate <n>', 'events a second, on average').argParser(rateFlag).conflicts('speed'))
    .option('--duration <time>', 'stop after this long: 30s, 5m, 1h', durationFlag)
    .option('--until <instant>', 'stop when every event before it is delivered', instantFlag)
    .option('--max-events <n>', 'stop after so many events', countFlag(1))
    .option('--resend-from <instant>', 'target gcp: send again what was sent since', instantFlag)
    .option('--dry-run', 'say what would be done')
  for (const option of overrideOptions()) command.addOption(option)
  return command.action(
    async ({ speed, rate, duration, until, maxEvents, resendFrom, dryRun, ...overrides }: StreamFlags) => {
      const { renderStream, renderStreamPlan, renderTick } = await import('./render/stream.ts')
      const { config } = await context.load(overrides)
      if (dryRun) {
        const ends = { durationMs: duration, until: until === undefined ? undefined : formatSecond(until), maxEvents }
        const plan = {
          dryRun,
          target: config.target,
          lake: config.local.lake,
          speed: rate ? undefined : (speed ?? 1),
          rate,
          ends,
        }
        return context.report(plan, renderStreamPlan)
      }
      await using ports = await context.open(config)
      const result = await context.verbs.stream(ports, config, {
        speed,
        rate,
        durationMs: duration,
        until,
        maxEvents,
        resendFrom,
        signal: context.signal,
        onTick(tick: StreamTick) {
          context.ui.live(renderTick(tick))
          context.progress(tick)
        },
      })
      context.report(result, renderStream)
    },
  )
}
