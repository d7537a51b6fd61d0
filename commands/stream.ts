import { type Command, Option } from 'commander'
import { advise, retail } from '../src/advice.ts'
import { oneOf } from '../src/config/closest.ts'
import { FAULT_KINDS, PROFILE_NAMES } from '../src/config/fault-kinds.ts'
import { KAFKA_FORMATS, type KafkaFormat } from '../src/config/kafka-formats.ts'
import { formatRate, type Rate } from '../src/config/rate.ts'
import { RetailError } from '../src/errors.ts'
import type { StreamStart, StreamTick } from '../src/pipeline/results.ts'
import { type Shard, shardName } from '../src/ports/index.ts'
import { formatSecond, type Second } from '../src/time.ts'
import { describeCommand } from './command.ts'
import type { Context } from './context.ts'
import { namesWorld, type OverrideFlags } from './flag-types.ts'
import {
  choiceFlag,
  choicesFlag,
  countFlag,
  durationFlag,
  overrideOptions,
  positionFlag,
  rateFlag,
  shardFlag,
  speedFlag,
} from './flags.ts'
import { shardOf } from './shard.ts'
import { type FaultFlags, faultsOf, refuseFaultsAlone, shardedFaults } from './stream-faults.ts'

interface StreamFlags extends OverrideFlags, FaultFlags {
  speed?: number | 'max'
  rate?: Rate
  realTime?: boolean
  duration?: number
  until?: Second
  maxEvents?: number
  resendFrom?: Second
  dryRun?: boolean
  to?: string
  from?: Second
  exactlyOnce?: boolean
  format?: KafkaFormat
  shard?: Shard
}

export function stream(context: Context, command: Command): Command {
  describeCommand(context, command, {
    about:
      'Events go to the lake, or to Pub/Sub on target gcp. With --to, they go to another place, which keeps a position of its own and needs no history. Ctrl-C stops the stream cleanly (exit code 130), and the next run resumes at exactly that point. In scripts, use --duration (exit code 0).',
    examples: [
      ['retail stream', 'in real time, starting where history ends'],
      ['retail stream --real-time', 'catch up to the current time, then follow the clock'],
      ['retail stream --rate 500 --duration 5m', '500 events per second for five minutes'],
      ['retail stream --rate 100..5000/10m', 'ramp from 100 to 5,000 per second over ten minutes, then hold'],
      ['retail stream --rate 500+5000/10s/60s', '500 per second, with a 10-second burst of 5,000 every minute'],
      ['retail stream --speed max --until 2024-04-02', 'one day, as fast as possible'],
      ['retail stream --to - --rate 5', 'print events as lines of JSON'],
      ['retail stream --to ndjson:events', 'write files to a folder'],
      ['retail stream --to kafka://localhost:9092 --shard 1/4', 'the first of four processes that share the stores'],
    ],
    lines: true,
  })
    .option('--speed <factor>', 'playback speed relative to real time, or max (default: 1)', speedFlag)
    .addOption(
      new Option('--rate <rate>', 'constant events per second: 500, 100k, a ramp, or bursts')
        .argParser(rateFlag)
        .conflicts(['speed', 'realTime']),
    )
    .addOption(new Option('--real-time', "follow this machine's clock").conflicts('speed'))
    .option('--duration <time>', 'stop after this duration: 30s, 5m, 1h', durationFlag)
    .option(
      '--until <instant>',
      'stop after every event before this instant has been delivered',
      positionFlag(context.today),
    )
    .option('--max-events <n>', 'stop after this many events', countFlag(1))
    .option('--resend-from <instant>', 'target gcp: resend every event since this instant', positionFlag(context.today))
    .option(
      '--to <where>',
      'send the events elsewhere: -, ndjson:DIR, kafka://HOST, https://HOST/PATH, postgres://HOST/DATABASE, or a sink of retail.yaml',
    )
    .option(
      '--from <instant>',
      'with --to: where a new destination begins (default: the end of history)',
      positionFlag(context.today),
    )
    .option(
      '--faults <profile>',
      `with --to, or on target gcp: lose, repeat, delay, and damage events (${oneOf(PROFILE_NAMES)}, or a file)`,
    )
    .addOption(
      new Option('--without <kinds>', 'with --faults: leave out these kinds, separated by commas').argParser(
        choicesFlag(FAULT_KINDS),
      ),
    )
    .option('--drain', 'with --faults: at --until, deliver what is still on its way, too')
    .addOption(
      new Option('--format <form>', 'with --to kafka://…: the form of messages (default: json)')
        .choices(KAFKA_FORMATS)
        .argParser(choiceFlag(KAFKA_FORMATS)),
    )
    .option('--exactly-once', 'with --to kafka://…: events and position in transactions')
    .option(
      '--shard <i/n>',
      'with --to, or on target gcp: only the events of this shard of the stores, such as 1/4',
      shardFlag,
    )
    .option('--dry-run', 'show what would be done')
  for (const option of overrideOptions()) command.addOption(option)
  return command.action(
    async ({
      speed,
      rate,
      realTime,
      duration,
      until,
      maxEvents,
      resendFrom,
      dryRun,
      to,
      from,
      faults,
      without,
      drain,
      exactlyOnce,
      format,
      shard,
      ...overrides
    }: StreamFlags) => {
      const options = {
        speed,
        rate,
        realTime,
        durationMs: duration,
        until,
        maxEvents,
        signal: context.signal,
        onStart(start: StreamStart) {
          context.ui.done(renderStart(start))
          context.progress(start, { always: true })
        },
        onTick(tick: StreamTick) {
          context.ui.live(renderTick(tick))
          context.progress(tick)
        },
      }
      const { renderStart, renderStream, renderStreamPlan, renderTick } = await import('./render/stream.ts')
      if (to !== undefined) {
        const { refuseWithTo, runStreamTo } = await import('./stream-to.ts')
        refuseWithTo({ '--resend-from': resendFrom, '--dry-run': dryRun })
        // An endpoint cannot keep a position, so a workspace does.
        const named = /^https?:/.test(to) ? undefined : namesWorld(overrides)
        const loaded = await context.load(overrides, { named })
        const profile = await faultsOf(context, { faults, without, drain, until })
        return await runStreamTo(context, { to, exactlyOnce, format }, loaded, {
          ...{ ...options, from, faults: profile },
          shard: shardOf(shard, context.io.env),
        })
      }
      if (from !== undefined) throw fromAlone()
      const own = shardOf(shard, context.io.env)
      refuseKafkaFlagsAlone({ '--exactly-once': exactlyOnce, '--format': format })
      const { config } = await context.load(overrides)
      const target = await context.verbs.targetOf(config)
      const { refuseShards } = await import('../src/pipeline/live/refuse-shards.ts')
      refuseShards(target, own)
      if (own && faults !== undefined) throw shardedFaults()
      if (faults !== undefined && target.events.by === 'broker') {
        const { runStreamFaults } = await import('./stream-to.ts')
        const profile = await faultsOf(context, { faults, without, drain, until })
        return await runStreamFaults(context, config, { ...options, faults: profile! }, { resendFrom, dryRun })
      }
      refuseFaultsAlone({ faults, without, drain })
      await using ports = await context.open(config)
      if (dryRun) {
        await context.verbs.enter('stream', ports, config)
        const ends = { durationMs: duration, until: until === undefined ? undefined : formatSecond(until), maxEvents }
        const plan = {
          dryRun,
          target: config.target,
          lake: config.local.lake,
          speed: rate || realTime ? undefined : (speed ?? 1),
          rate: rate && formatRate(rate),
          realTime,
          ends,
          ...(own && { shard: shardName(own) }),
        }
        return context.report(
          plan,
          renderStreamPlan,
          0,
          await context.next({ command: 'dry run', again: context.again }),
        )
      }
      const result = await context.verbs.stream(ports, config, { ...options, resendFrom, shard: own })
      const { to: end, shard: name } = result
      context.report(
        result,
        renderStream,
        0,
        await context.next({ command: 'stream', to: end, shard: name }, ports, config),
      )
    },
  )
}

/** A lake has each event exactly once, in its own form. */
function refuseKafkaFlagsAlone(flags: Readonly<Record<string, unknown>>): void {
  for (const [name, value] of Object.entries(flags))
    if (value !== undefined)
      throw new RetailError('bad_flag', `${name} needs --to`, {
        why: 'it is for Kafka',
        hint: advise`${retail('stream', '--to', 'kafka://localhost:9092', ...(value === true ? [name] : [name, `${value}`]))}`,
      })
}

const fromAlone = (): RetailError =>
  new RetailError('bad_flag', '--from needs --to', {
    why: 'the target continues where history or the last stream ended',
    hint: advise`${retail('stream', '--to', 'ndjson:events', '--from', '2024-04-01')}`,
  })
