import type { Config } from '../config/schema.ts'
import { RetailError } from '../errors.ts'
import type { Appender, AppendRow, Broker, Delivery, Ports } from '../ports/index.ts'
import { type FactName, facts } from '../tables/index.ts'
import { buildWorld, type World } from '../world/world.ts'
import { checkWorld } from './identity.ts'
import { deadRow, rowOf } from './live/event-rows.ts'
import { recorded } from './record.ts'
import type { LoadResult, LoadTick } from './results.ts'

export interface LoadOptions {
  durationMs?: number
  /** ends when so many messages are in the warehouse */
  maxEvents?: number
  /** ends when nothing came for so long */
  idleMs?: number
  /** on abort what is in hand is committed and acknowledged */
  signal?: AbortSignal
  onTick?: (tick: LoadTick) => void
}

/** A batch is large enough that streams are begun seldom: BigQuery allows forty a second for a project. */
export const BATCH_EVENTS = 10_000
export const BATCH_MS = 2_000
/** Messages of a table in hand, waiting or on their way: what bounds memory while the warehouse stalls. */
const HELD_EVENTS = 20_000
const TICK_MS = 1_000

/** undefined where events need `retail load` to get into raw. */
export const whyNotNeeded = ({ target, gcp }: Config): string | undefined => {
  if (target === 'local') return 'target local shows live events by itself'
  if (gcp?.ingest === 'subscription') return 'a BigQuery subscription does it (gcp.ingest: subscription)'
  return undefined
}

/** Moves events from the broker into raw, at least once: acknowledged only when it is known that they can be queried. */
export async function load(ports: Ports, config: Config, options: LoadOptions): Promise<LoadResult> {
  const world = buildWorld(config)
  const none = {
    world: world.id,
    rows: { transactions: 0, inventories: 0 },
    deadLetters: 0,
    batches: 0,
    seconds: 0,
    eventsPerSecond: 0,
  }
  const why = whyNotNeeded(config)
  if (why !== undefined || !ports.live) return { ...none, needed: false, stoppedBy: 'not needed', why }
  await checkWorld(ports, world, config)
  const { broker, openAppender } = ports.live
  return recorded(ports.workspace, 'load', async () => {
    await using appender = await openAppender()
    return await run(broker, appender, config, world, options)
  })
}

async function run(
  broker: Broker,
  appender: Appender,
  config: Config,
  world: World,
  options: LoadOptions,
): Promise<LoadResult> {
  const started = performance.now()
  const {
    durationMs,
    maxEvents = Number.POSITIVE_INFINITY,
    idleMs = Number.POSITIVE_INFINITY,
    signal,
    onTick,
  } = options
  const rows = { transactions: 0, inventories: 0 }
  let [deadLetters, batches, lastCame, lastTick] = [0, 0, started, started]
  const broken = new AbortController()
  let failure: unknown
  const fail = (error: unknown) => {
    failure ??= error
    broken.abort()
  }
  const events = () => rows.transactions + rows.inventories + deadLetters

  /** One batch: the rows, then the dead letters, then the acks. */
  async function deliver(table: FactName, batch: readonly Delivery[]): Promise<void> {
    const good: { delivery: Delivery; row: AppendRow }[] = []
    const dead: AppendRow[] = []
    const bury = (delivery: Delivery, reason: string) =>
      dead.push(deadRow(broker.subscriptionOf(table), delivery, reason))
    for (const delivery of batch) {
      const row = rowOf(table, config.world.schema, world.id, delivery)
      if (typeof row === 'string') bury(delivery, row)
      else good.push({ delivery, row })
    }
    try {
      if (good.length > 0) {
        const refused = await appender.append(
          table,
          good.map(({ row }) => row),
          broken.signal,
        )
        for (const [i, reason] of refused) bury(good[i].delivery, `BigQuery refused it: ${reason}`)
        rows[table] += good.length - refused.size
      }
      if (dead.length > 0) await appender.append('dead_letter', dead, broken.signal)
    } catch (error) {
      for (const delivery of batch) delivery.nack()
      throw error
    }
    for (const delivery of batch) delivery.ack()
    deadLetters += dead.length
    batches++
  }

  const intakes = facts.map(({ name }) =>
    intake(
      broker,
      name,
      (batch) => deliver(name, batch),
      fail,
      () => (lastCame = performance.now()),
    ),
  )

  function stopReason(): LoadResult['stoppedBy'] | undefined {
    const now = performance.now()
    if (signal?.aborted) return 'signal'
    if (events() >= maxEvents) return 'max-events'
    if (durationMs !== undefined && now - started >= durationMs) return 'duration'
    if (now - lastCame >= idleMs && intakes.every(({ busy }) => !busy())) return 'idle'
    return undefined
  }

  const stoppedBy = await new Promise<LoadResult['stoppedBy']>((resolve) => {
    const look = () => {
      const why = failure === undefined ? stopReason() : 'signal'
      if (performance.now() - lastTick >= TICK_MS) {
        lastTick = performance.now()
        onTick?.({ ...rows, deadLetters, waiting: intakes.reduce((n, { waiting }) => n + waiting(), 0) })
      }
      if (!why) return
      clearInterval(timer)
      resolve(why)
    }
    const timer = setInterval(look, 50)
    signal?.addEventListener('abort', look, { once: true })
    broken.signal.addEventListener('abort', look, { once: true })
  })
  await Promise.all(intakes.map((one) => one.close(failure === undefined)))
  if (failure !== undefined) throw toldWhatIsSafe(failure)
  const seconds = (performance.now() - started) / 1000
  return {
    world: world.id,
    needed: true,
    rows,
    deadLetters,
    batches,
    seconds,
    eventsPerSecond: Math.round(events() / seconds),
    stoppedBy,
    why: undefined,
  }
}

/** Gathers the deliveries of a table into batches, one batch on its way at a time. */
function intake(
  broker: Broker,
  table: FactName,
  deliver: (batch: Delivery[]) => Promise<void>,
  fail: (error: unknown) => void,
  onCame: () => void,
) {
  let waiting: Delivery[] = []
  let sending: Promise<void> | undefined
  let timer: NodeJS.Timeout | undefined
  let closed = false

  function flush(): void {
    clearTimeout(timer)
    timer = undefined
    if (sending || waiting.length === 0) return
    const batch = waiting.splice(0, BATCH_EVENTS)
    sending = deliver(batch)
      .catch(fail)
      .then(() => {
        sending = undefined
        if (waiting.length >= BATCH_EVENTS) flush()
        else if (waiting.length > 0) timer ??= setTimeout(flush, BATCH_MS)
      })
  }

  const subscription = broker.subscribe(
    table,
    HELD_EVENTS,
    (delivery) => {
      onCame()
      if (closed) return delivery.nack()
      waiting.push(delivery)
      if (waiting.length >= BATCH_EVENTS) flush()
      else timer ??= setTimeout(flush, BATCH_MS)
    },
    fail,
  )

  return {
    busy: () => waiting.length > 0 || sending !== undefined,
    waiting: () => waiting.length,
    /** What is in hand is delivered first, or goes back. */
    async close(finish: boolean): Promise<void> {
      closed = true
      while (sending || (finish && waiting.length > 0)) {
        flush()
        await sending
      }
      clearTimeout(timer)
      for (const delivery of waiting) delivery.nack()
      waiting = []
      await subscription.close()
    },
  }
}

function toldWhatIsSafe(error: unknown): unknown {
  if (!(error instanceof RetailError) || error.hint?.includes('No event is lost')) return error
  const hint = `${error.hint ?? 'run `retail load` again'}. No event is lost: they wait in Pub/Sub`
  return new RetailError(error.code, error.message, { why: error.why, hint, cause: error.cause })
}
