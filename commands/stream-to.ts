import type { LoadedConfig } from '../src/config/load.ts'
import type { Config } from '../src/config/schema.ts'
import { RetailError } from '../src/errors.ts'
import type { StreamToResult } from '../src/pipeline/results.ts'
import type { StreamToOptions } from '../src/pipeline/stream-to.ts'
import type { Context } from './context.ts'
import { refuseBeside } from './flags.ts'
import { shardedFaults } from './stream-faults.ts'
import type { Verbs } from './verbs.ts'

/** Flags of `stream` that only a stream to its own target knows. */
export const refuseWithTo = (flags: Readonly<Record<string, unknown>>): void =>
  refuseBeside('--to', flags, (name) => ({
    why: `${name} is for a stream into the target`,
    hint: `omit ${name}; --from says where a new destination begins`,
  }))

/** Streams to a destination. With `-`, stdout carries the events, and everything else goes to stderr. */
export async function runStreamTo(
  context: Context,
  { to, exactlyOnce, format }: { to: string; exactlyOnce?: boolean | undefined; format?: string | undefined },
  loaded: LoadedConfig,
  options: StreamToOptions,
): Promise<void> {
  const [
    { namesWorkspace },
    { cannotCarry, parseWhere },
    { ReaderLeft, rowSink },
    { renderPrinted, renderStreamTo, renderWaiting },
  ] = await Promise.all([
    import('../src/config/load.ts'),
    import('../src/config/where.ts'),
    import('./row-sink.ts'),
    import('./render/stream-to.ts'),
  ])
  const kafka = { ...(exactlyOnce && { exactly_once: 'true' }), ...(format && { format }) }
  const where = parseWhere(to, context.io.cwd, { ...loaded.config, kafka })
  if (options.faults) {
    const { refuseKinds } = await import('../src/config/faults.ts')
    const why =
      where.kind === 'http'
        ? 'a CloudEvent holds its event as JSON'
        : `its ${where.kind === 'kafka' ? 'fields' : 'columns'} have types`
    refuseKinds(`--to ${to}`, options.faults.profile, cannotCarry(where), () => why)
  }
  if (options.shard && options.faults) throw shardedFaults()
  const prints = where.kind === 'stdout'
  if (prints && context.flags.json)
    throw new RetailError('bad_flag', '--json and --to - both write to stdout', {
      why: 'with --to -, stdout carries only events',
      hint: 'omit --json, or choose another destination',
    })
  const { config } = loaded
  const workspace = namesWorkspace(loaded) ? await context.verbs.openWorkspace(config) : undefined
  const write = rowSink(context.io.stdout, 'run the same command again, or use ndjson:DIR: a folder keeps a position')
  // A progress line between events on the same terminal would be unreadable.
  const quiet = prints && context.io.stdout.isTTY
  try {
    const result = await context.verbs.streamTo(
      (source, signal) => context.verbs.openDestination(where, { source, signal, write, workspace, settings: config }),
      config,
      {
        ...options,
        onStart: quiet ? undefined : options.onStart,
        onTick: quiet ? undefined : options.onTick,
        onWait: (waiting) => context.ui.warn(renderWaiting(waiting)),
      },
      workspace,
    )
    if (prints) context.ui.done(renderPrinted(result))
    else context.report(result, renderStreamTo, 0, nextOf(context, result))
  } catch (error) {
    if (!(error instanceof ReaderLeft)) throw error
    context.ui.clear()
  }
}

/** Streams through the broker of the target, with faults. */
export async function runStreamFaults(
  context: Context,
  config: Config,
  options: Parameters<Verbs['streamFaults']>[2],
  { resendFrom, dryRun }: { resendFrom?: number | undefined; dryRun?: boolean | undefined },
): Promise<void> {
  refuseBeside('--faults', { '--resend-from': resendFrom, '--dry-run': dryRun }, (name) => ({
    why: `${name} is for a stream without faults`,
    hint: `omit ${name}`,
  }))
  const { renderStreamTo, renderWaiting } = await import('./render/stream-to.ts')
  await using ports = await context.open(config)
  const onWait = (waiting: Parameters<typeof renderWaiting>[0]) => context.ui.warn(renderWaiting(waiting))
  const result = await context.verbs.streamFaults(ports, config, { ...options, onWait })
  context.report(result, renderStreamTo, 0, nextOf(context, result))
}

/** A stream that reached its --until has nothing more to do. */
const nextOf = ({ again }: Context, { stoppedBy, to }: StreamToResult) =>
  stoppedBy === 'until' || stoppedBy === 'already-past' ? [] : [{ command: again, what: `resume at ${to}` }]
