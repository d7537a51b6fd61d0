import type { Appender, Ports } from '../../ports/index.ts'
import type { World } from '../../world/world.ts'
import { batchLoader } from './batch-loader.ts'
import { intake } from './intake.ts'

const QUIET_MS = 2_000
const LOOK_MS = 20

export interface CollectOptions {
  /** Milliseconds without a message after which none is waiting. */
  quietMs?: number | undefined
  signal?: AbortSignal | undefined
}

/**
 * Moves the messages that the broker has given up on into the table of dead letters, and resolves to their number. Each
 * is acknowledged only when its row can certainly be queried. On abort, received messages are moved first.
 */
export async function collectLetters(
  { live, deadLetters, warehouse }: Pick<Ports, 'live' | 'deadLetters' | 'warehouse'>,
  world: World,
  { quietMs = QUIET_MS, signal }: CollectOptions = {},
): Promise<number> {
  if (live.by === 'lake' || !deadLetters.can) return 0
  const broken = new AbortController()
  let appender: Promise<Appender> | undefined
  let failure: { error: unknown } | undefined
  let lastCame = performance.now()
  const fail = (error: unknown) => {
    failure ??= { error }
    broken.abort()
  }
  const to = { broker: live.broker, product: warehouse.traits.product }
  // Usually nothing waits, and the appender takes a while to open.
  const open = () => (appender ??= deadLetters.openAppender())
  const { loaded, deliver } = batchLoader(to, open, world, broken.signal)
  const source = intake(
    live.broker,
    'dead_letter',
    (batch) => deliver('dead_letter', batch),
    fail,
    () => (lastCame = performance.now()),
  )
  await new Promise<void>((resolve) => {
    const timer = setInterval(() => {
      // While a batch is written, no further messages may be taken.
      if (source.sending()) lastCame = performance.now()
      const isQuiet = performance.now() - lastCame >= quietMs
      if (!isQuiet && !failure && !signal?.aborted) return
      clearInterval(timer)
      resolve()
    }, LOOK_MS)
  })
  await source.close(failure === undefined)
  // Its own error was reported by whoever used it.
  await (await appender?.catch(() => undefined))?.[Symbol.asyncDispose]()
  if (failure) throw failure.error
  return loaded.deadLetters
}
