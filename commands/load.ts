import type { Command } from 'commander'
import { retail } from '../src/advice.ts'
import type { Config } from '../src/config/schema.ts'
import { EXIT_CODES } from '../src/errors.ts'
import type { LoadTick } from '../src/pipeline/results.ts'
import { describeCommand } from './command.ts'
import type { Context } from './context.ts'
import type { OverrideFlags } from './flag-types.ts'
import { countFlag, durationFlag, overrideOptions, refuseBeside } from './flags.ts'

interface LoadFlags extends OverrideFlags {
  from?: string
  duration?: number
  maxEvents?: number
  follow?: boolean
  idle?: number
  timeout?: number
  dryRun?: boolean
}

export function load(context: Context, command: Command): Command {
  describeCommand(context, command, {
    about:
      'Runs until every published event is in raw. Ctrl-C commits and acknowledges the current batch. Several loaders can run at the same time. Each event is acknowledged once it can be queried. Invalid messages go to the table dead_letter, with the reason. --from loads files of spark/ingest.py instead, each batch exactly once; they need no Pub/Sub.',
    examples: [
      ['retail load', 'load everything that was published'],
      ['retail load --follow', 'run until stopped, beside a stream'],
      ['retail load --idle 30s', 'stop when everything was loaded and nothing arrived for 30 seconds'],
      ['retail load --from gs://BUCKET/ingest', 'load the batches that Spark has written'],
    ],
    lines: true,
  })
    .option('--from <folder>', 'load the finished batches of files that spark/ingest.py wrote here: gs://BUCKET/PREFIX')
    .option('--duration <time>', 'stop after this duration: 30s, 5m, 1h', durationFlag)
    .option('--max-events <n>', 'stop after loading this many events', countFlag(1))
    .option('--follow', 'keep running when every published event has been loaded')
    .option(
      '--idle <time>',
      'stop when all events have been loaded and none has arrived for this duration',
      durationFlag,
    )
    .option(
      '--timeout <time>',
      'exit with code 5 if events are missing and none has arrived for this duration (default: 15m)',
      durationFlag,
    )
    .option('--dry-run', 'show what would be done')
  for (const option of overrideOptions()) command.addOption(option)
  return command.action(
    async ({ from, duration, maxEvents, follow, idle, timeout, dryRun, ...overrides }: LoadFlags) => {
      const { INCOMPLETE, renderLoad, renderLoadPlan, renderLoadTick, renderLoadPause } = await import(
        './render/load.ts'
      )
      const { config } = await context.load(overrides)
      if (from !== undefined) {
        refuseBeside(
          '--from',
          {
            '--duration': duration,
            '--max-events': maxEvents,
            '--follow': follow,
            '--idle': idle,
            '--timeout': timeout,
          },
          (name) => ({ why: 'files are loaded once, and the command ends', hint: `leave out ${name}` }),
        )
        return await loadFrom(context, config, from, dryRun)
      }
      if (dryRun) {
        const { whyNotNeeded } = await import('../src/pipeline/load.ts')
        const { name: target, events } = await context.verbs.targetOf(config)
        const arrival = events.by === 'broker' ? events.arrival(config) : undefined
        const { into, from } = arrival?.by === 'load' ? arrival : { into: undefined, from: [] }
        return context.report({ dryRun, target, into, from, why: whyNotNeeded(target, arrival) }, renderLoadPlan)
      }
      await using ports = await context.open(config)
      const result = await context.verbs.load(ports, config, {
        durationMs: duration,
        maxEvents,
        follow,
        idleMs: idle,
        timeoutMs: timeout,
        signal: context.signal,
        onPause: (pause) => context.ui.warn(renderLoadPause(pause)),
        onTick(tick: LoadTick) {
          context.ui.live(renderLoadTick(tick))
          context.progress(tick)
        },
      })
      const { needed, deadLetters, shortage, stoppedBy } = result
      const ran = { command: 'load', shortage, stoppedBy, deadLetters } as const
      const next = needed || deadLetters > 0 ? await context.next(ran, ports, config) : []
      context.report(result, renderLoad, INCOMPLETE.includes(stoppedBy) ? EXIT_CODES.partial : 0, next)
    },
  )
}

async function loadFrom(context: Context, config: Config, from: string, dryRun?: boolean): Promise<void> {
  const { renderLoadBatches } = await import('./render/load.ts')
  await using ports = await context.open(config)
  const result = await context.verbs.loadBatches(ports, config, {
    from,
    dryRun,
    signal: context.signal,
    onBatch(done, all) {
      context.ui.live([`${done} of ${all} batches`])
      context.progress({ done, all })
    },
  })
  if (dryRun) return context.report(result, renderLoadBatches)
  const next = result.stopped
    ? [{ command: retail('load', '--from', from), what: 'load the rest' }]
    : await context.next({ command: 'load', stoppedBy: 'delivered', deadLetters: 0 }, ports, config)
  context.report(result, renderLoadBatches, 0, next)
}
