import { advise, adviseAlso, retail } from '../advice.ts'
import type { Config } from '../config/schema.ts'
import { RetailError } from '../errors.ts'
import type { Appender, AppendTable, Arrival, Broker, Ports } from '../ports/index.ts'
import { byFact, type FactName, facts, sumOfFacts } from '../tables/index.ts'
import { formatSecond } from '../time.ts'
import { buildWorld, type World } from '../world/world.ts'
import { ledgerNow } from './delivery/delivered.ts'
import type { Ledger, Shortage } from './delivery/ledger.ts'
import { enter } from './enter.ts'
import { machineClock, type StreamClock } from './live/clock.ts'
import { batchLoader, type Loaded } from './load/batch-loader.ts'
import { collectLetters } from './load/collect-letters.ts'
import { type DeliveryEnd, DeliveryWatch } from './load/delivery-watch.ts'
import { intake } from './load/intake.ts'
import { recorded } from './record.ts'

export interface LoadResult {
  world: string
  /** False: live events reach the warehouse without it. */
  needed: boolean
  why: string | undefined
  /** Events now in raw, including duplicates. */
  rows: Record<FactName, number>
  deadLetters: number
  batches: number
  seconds: number
  eventsPerSecond: number
  /** Published events that have not arrived, if it is known that there are any. */
  shortage?: Shortage | undefined
  /**
   * `delivered`: every published event has arrived. `dead letters`: all others are in open dead letters. `timeout`: some
   * have not arrived, and none came any more.
   */
  stoppedBy: 'signal' | 'duration' | 'max-events' | DeliveryEnd | 'not needed'
}

/** One line of a running load. */
export interface LoadTick extends Record<FactName, number> {
  deadLetters: number
  /** Received, but not sent to the warehouse yet. */
  waiting: number
}

export interface LoadOptions {
  durationMs?: number
  /** Stop when this many messages are in the warehouse. */
  maxEvents?: number
  /** Continue after every published event has arrived, until something else stops it. */
  follow?: boolean
  /** Stop when every published event has arrived, and no message has arrived for this long. */
  idleMs?: number
  /** Give up when events are missing, and nothing came for this long. */
  timeoutMs?: number
  /** On abort, received messages are committed and acknowledged. */
  signal?: AbortSignal
  onTick?: (tick: LoadTick) => void
  /** An outage outlasted the patience of its calls; a follower begins again after a pause. */
  onPause?: (pause: LoadPause) => void
  clock?: StreamClock
}

export interface LoadPause {
  why: string
  seconds: number
}

const TICK_MS = 1_000
/** Cloud Run ends a process ten seconds after it asked it to stop: what fails then is not repeated any more. */
const STOP_MS = 5_000
/** After an outage that outlasted the patience of its calls, or a refusal for now, a follower begins again. */
const FIRST_PAUSE_MS = 5_000
const LONGEST_PAUSE_MS = 5 * 60_000

/** Why events reach raw without `retail load`; undefined if `retail load` is needed. */
export function whyNotNeeded(target: string, arrival: Arrival | undefined): string | undefined {
  if (!arrival) return `target ${target} shows live events without loading`
  return arrival.by === 'itself' ? `${arrival.what} loads the events (${arrival.setting})` : undefined
}

/**
 * Moves events from the broker to raw, at least once: a message is acknowledged only when its row can certainly be
 * queried.
 */
export async function load(ports: Ports, config: Config, options: LoadOptions): Promise<LoadResult> {
  const world = buildWorld(config)
  const none = {
    world: world.id,
    rows: byFact(() => 0),
    deadLetters: 0,
    batches: 0,
    seconds: 0,
    eventsPerSecond: 0,
  }
  const { live, target } = ports
  if (live.by === 'lake' || live.arrival.by === 'itself') {
    const why = whyNotNeeded(target.name, live.by === 'lake' ? undefined : live.arrival)
    if (live.by === 'broker') await enter('load', ports, config, world)
    const deadLetters = await collectLetters(ports, world, { signal: options.signal })
    return { ...none, deadLetters, needed: false, stoppedBy: 'not needed', why }
  }
  await enter('load', ports, config, world)
  await refuseNoEnd(live.broker, world, options)
  const { openAppender } = live.arrival
  const to = { broker: live.broker, product: ports.warehouse.traits.product }
  const readNow = () => ledgerNow(ports, live, world)
  return recorded(ports.workspace, 'load', async () => {
    return await follow(to, openAppender, world, readNow, options)
  })
}

/** Of a stream with faults, nobody knows how much of what is on its way will come, until it was drained. */
async function refuseNoEnd(
  broker: Broker,
  world: World,
  { durationMs, maxEvents, follow, idleMs }: LoadOptions,
): Promise<void> {
  const position = await broker.position()
  if (position?.world !== world.id || !position.faults || position.faults.drained === position.position) return
  if ([durationMs, maxEvents, follow || undefined, idleMs].some((end) => end !== undefined)) return
  throw new RetailError('bad_flag', 'nothing says when all events have arrived', {
    why: `they are sent with faults, and at ${formatSecond(position.position)} copies are still on their way`,
    hint: advise`say when to stop: ${retail('load', '--idle', '10s')}; or add --drain to the stream`,
  })
}

/** What is loaded: events, and the messages that the broker has given up on. */
const SOURCES: readonly AppendTable[] = [...facts.map(({ name }) => name), 'dead_letter']

type Loading = Pick<LoadResult, 'stoppedBy' | 'shortage'>

/** Runs until it is done. With `follow`, an outage only interrupts it: its messages wait in the broker. */
async function follow(
  to: { broker: Broker; product: string },
  openAppender: () => Promise<Appender>,
  world: World,
  readNow: () => Promise<Ledger>,
  options: LoadOptions,
): Promise<LoadResult> {
  const { clock = machineClock, signal, durationMs = Number.POSITIVE_INFINITY } = options
  const started = performance.now()
  const loaded: Loaded = { rows: byFact(() => 0), deadLetters: 0, batches: 0 }
  let pauseMs = FIRST_PAUSE_MS
  const resultOf = (end: Loading): LoadResult => {
    const seconds = (performance.now() - started) / 1000
    const eventsPerSecond = Math.round((sumOfFacts(loaded.rows) + loaded.deadLetters) / seconds)
    return { world: world.id, needed: true, why: undefined, ...loaded, seconds, eventsPerSecond, ...end }
  }
  for (;;) {
    const before = loaded.batches
    try {
      await using appender = await openAppender()
      return resultOf(await run(to, appender, world, readNow, { ...options, started, loaded }))
    } catch (error) {
      if (!options.follow || !(error instanceof RetailError && error.passes) || signal?.aborted) throw error
      if (loaded.batches > before) pauseMs = FIRST_PAUSE_MS
      const why = error.why === undefined ? error.message : `${error.message}: ${error.why}`
      const ms = Math.min(pauseMs, started + durationMs - performance.now())
      options.onPause?.({ why, seconds: Math.round(ms / 1000) })
      await clock.sleep(ms, signal)
      if (signal?.aborted) return resultOf({ stoppedBy: 'signal' })
      pauseMs = Math.min(LONGEST_PAUSE_MS, pauseMs * 2)
    }
  }
}

async function run(
  to: { broker: Broker; product: string },
  appender: Appender,
  world: World,
  readNow: () => Promise<Ledger>,
  { started, loaded, ...options }: LoadOptions & { started: number; loaded: Loaded },
): Promise<Loading> {
  const { broker } = to
  const { durationMs, maxEvents = Number.POSITIVE_INFINITY, signal, onTick } = options
  let [lastCame, lastTick] = [started, started]
  const broken = new AbortController()
  let failure: unknown
  const fail = (error: unknown) => {
    failure ??= error
    broken.abort()
  }
  const { deliver } = batchLoader(to, async () => appender, world, broken.signal, loaded)
  const events = () => sumOfFacts(loaded.rows) + loaded.deadLetters

  const intakes = SOURCES.map((source) =>
    intake(
      broker,
      source,
      (batch) => deliver(source, batch),
      fail,
      () => (lastCame = performance.now()),
    ),
  )

  const ending = new DeliveryWatch(readNow, options, started)

  function stopReason(): LoadResult['stoppedBy'] | undefined {
    const now = performance.now()
    if (signal?.aborted) return 'signal'
    if (events() >= maxEvents) return 'max-events'
    if (durationMs !== undefined && now - started >= durationMs) return 'duration'
    if (intakes.some(({ busy }) => busy())) return undefined
    return ending.check(lastCame, now, fail)
  }

  const stoppedBy = await new Promise<LoadResult['stoppedBy']>((resolve) => {
    const check = () => {
      const why = failure === undefined ? stopReason() : 'signal'
      if (performance.now() - lastTick >= TICK_MS) {
        lastTick = performance.now()
        onTick?.({
          ...loaded.rows,
          deadLetters: loaded.deadLetters,
          waiting: intakes.reduce((n, { waiting }) => n + waiting(), 0),
        })
      }
      if (!why) return
      clearInterval(timer)
      resolve(why)
    }
    const timer = setInterval(check, 50)
    signal?.addEventListener('abort', check, { once: true })
    broken.signal.addEventListener('abort', check, { once: true })
  })
  const late = signal?.aborted ? setTimeout(() => broken.abort(), STOP_MS) : undefined
  await Promise.all(intakes.map((one) => one.close(failure === undefined)))
  clearTimeout(late)
  if (failure !== undefined) throw withLoadedEvents(failure, broker.product)
  return {
    stoppedBy,
    ...(ending.shortage && stoppedBy !== 'delivered' && stoppedBy !== 'idle' && { shortage: ending.shortage }),
  }
}

const SAFE = 'No event is lost'

function withLoadedEvents(error: unknown, broker: string): unknown {
  // What is missing is a subscription or a table, and a subscription takes its messages with it.
  if (!(error instanceof RetailError) || error.code === 'missing' || error.hint?.includes(SAFE)) return error
  const hint = adviseAlso(error.advice ?? advise`run ${retail('load')} again`, `. ${SAFE}: they wait in ${broker}`)
  return new RetailError(error.code, error.message, { why: error.why, hint, cause: error.cause, passes: error.passes })
}
