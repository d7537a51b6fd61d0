import { setTimeout as sleep } from 'node:timers/promises'
import { RetailError } from '../../errors.ts'

/**
 * Milliseconds of a wait or a limit, as they are to be waited here. With RETAIL_EMULATOR_HASTE, heeded before emulators alone, all of
 * them are so many times shorter: a test sees in seconds what takes minutes.
 */
export const hasten = (ms: number): number =>
  ms / ((process.env.PUBSUB_EMULATOR_HOST && Number(process.env.RETAIL_EMULATOR_HASTE)) || 1)

export interface RetrySite {
  /** Calls until it succeeds, gives a reason not to go on, or the patience is over; then the last error is thrown. */
  run<T>(work: () => Promise<T>, retryable: (error: unknown) => boolean, signal?: AbortSignal): Promise<T>
}

export interface RetryOptions {
  /** how long a call may fail before its error is thrown */
  patienceMs: number
  firstMs?: number
  mostMs?: number
  onWait?: (error: unknown, waitMs: number) => void
}

export interface Clock {
  now(): number
  /** rejects on abort */
  sleep(ms: number, signal: AbortSignal | undefined): Promise<unknown>
}

const ours: Clock = {
  now: () => performance.now(),
  sleep: (ms, signal) => sleep(ms, undefined, { signal }),
}

/** At most so many retries in a minute, whatever many calls of a place fail at the same time. */
const RETRIES_A_MINUTE = 12

/** One place that calls the cloud. Waits grow by doubling and are spread, so that many processes do not call together. */
export function retrySite(
  { patienceMs, firstMs = 1_000, mostMs = 64_000, onWait }: RetryOptions,
  clock: Clock = ours,
): RetrySite {
  const recent: number[] = []

  async function turn(waitMs: number, signal: AbortSignal | undefined): Promise<void> {
    const due = clock.now() + hasten(waitMs)
    const free = recent.length < RETRIES_A_MINUTE ? 0 : recent[recent.length - RETRIES_A_MINUTE] + hasten(60_000)
    const at = Math.max(due, free)
    recent.push(at)
    if (recent.length > RETRIES_A_MINUTE) recent.shift()
    await clock.sleep(Math.max(0, at - clock.now()), signal)
  }

  return {
    async run(work, retryable, signal) {
      const start = clock.now()
      for (let attempt = 0; ; attempt++) {
        try {
          return await work()
        } catch (error) {
          const longest = Math.min(mostMs, firstMs * 2 ** attempt)
          const waitMs = longest / 2 + (Math.random() * longest) / 2
          if (signal?.aborted || !retryable(error) || clock.now() - start + hasten(waitMs) > hasten(patienceMs))
            throw error
          onWait?.(error, waitMs)
          await turn(waitMs, signal).catch(() => {
            throw error
          })
        }
      }
    },
  }
}

/** What takes longer is given up, and counts as a failure that may be tried again. The call itself may still arrive. */
export async function within<T>(ms: number, doing: string, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    const give = () => reject(new TimeoutError(`no answer in ${Math.round(ms / 1000)} s while ${doing}`))
    timer = setTimeout(give, hasten(ms))
  })
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
    work.catch(() => {})
  }
}

class TimeoutError extends Error {
  override readonly name = 'TimeoutError'
  readonly code = 'ETIMEDOUT'
}

/** An error of a call as far as we look at it; clients of Google throw several kinds. */
interface CallError {
  code: number | string | undefined
  reason: string | undefined
  message: string
}

export function callErrorOf(error: unknown): CallError {
  const { code, errors, status, response, message } = (error ?? {}) as {
    code?: number | string
    status?: number
    message?: string
    errors?: { reason?: string }[]
    response?: { status?: number; statusCode?: number }
  }
  const known = code ?? status ?? response?.status ?? response?.statusCode
  const number = typeof known === 'string' && /^\d+$/.test(known) ? Number(known) : known
  return { code: number, reason: errors?.[0]?.reason, message: redact(String(message ?? error)) }
}

const BUSY_REASONS = [
  'rateLimitExceeded',
  'backendError',
  'internalError',
  'jobRateLimitExceeded',
  'jobBackendError',
  'jobInternalError',
  'tableUnavailable',
  'timeout',
  'stopped',
]
/** gRPC: CANCELLED, UNKNOWN, DEADLINE_EXCEEDED, RESOURCE_EXHAUSTED, ABORTED, INTERNAL, UNAVAILABLE */
const BUSY_GRPC = [1, 2, 4, 8, 10, 13, 14]

/** True for what passes by itself: throttling, a server that is down, a connection that broke. */
export function isTransient(error: unknown): boolean {
  if (error instanceof RetailError) return false
  const { code, reason, message } = callErrorOf(error)
  if (reason !== undefined && BUSY_REASONS.includes(reason)) return true
  if (typeof code === 'number')
    return code < 100 ? BUSY_GRPC.includes(code) : code === 408 || code === 429 || code >= 500
  if (/^E[A-Z]+$|^UND_|^ERR_STREAM|^ERR_SOCKET/.test(String(code ?? ''))) return code !== 'ENOENT' && code !== 'EACCES'
  return /socket hang up|network|fetch failed|premature close|connection (reset|closed)|ECONN|ETIMEDOUT|EPIPE|other side closed|Retry limit exceeded|rate.?limit/i.test(
    message,
  )
}

/** True for HTTP 404 and gRPC NOT_FOUND. */
export const isNotFound = (error: unknown): boolean => [404, 5].includes(Number(callErrorOf(error).code))

/** True for HTTP 412: somebody else wrote the object meanwhile, or we did and the answer was lost. */
export const isTaken = (error: unknown): boolean => callErrorOf(error).code === 412

/** Messages of servers may repeat what they were sent. */
export const redact = (text: string): string =>
  text
    .replace(/\bya29\.[\w.-]+/g, '<token>')
    .replace(/\b(Bearer|Basic)\s+[\w.~+/=-]+/gi, '$1 <token>')
    .replace(/-----BEGIN [^-]+-----[\s\S]*?(-----END [^-]+-----|$)/g, '<key>')
    .replace(/\beyJ[\w-]+\.[\w-]+\.[\w-]*/g, '<token>')
    .replace(
      // Also within a JSON text that is a value of another.
      /((?:access_token|refresh_token|id_token|private_key|client_secret)[\\"]*\s*[:=]\s*[\\"]*)[^\s",}\\]+/g,
      '$1<secret>',
    )

/** The foreseen failures of a call, told with the command that mends them; anything else comes back as it is. */
export function explainCloudError(error: unknown, doing: string): unknown {
  if (error instanceof RetailError) return error
  const { code, reason, message } = callErrorOf(error)
  const why = message.split('\n')[0]
  const told = (to: ConstructorParameters<typeof RetailError>[0], text: string, hint: string) =>
    new RetailError(to, text, { why, hint, cause: error })
  if (
    /could not load the default credentials|invalid_grant|invalid_rapt|reauth|could not refresh access token/i.test(
      message,
    )
  )
    return told('cloud_denied', `not logged in to Google Cloud while ${doing}`, 'gcloud auth application-default login')
  if (isTransient(error))
    return told(
      'failed',
      `Google Cloud did not answer while ${doing}`,
      'run the same command again: what was done stays done',
    )
  if (code === 401 || code === 16)
    return told(
      'cloud_denied',
      `Google Cloud does not accept the credentials while ${doing}`,
      'gcloud auth application-default login',
    )
  if (reason === 'quotaExceeded')
    return told(
      'failed',
      `a quota of the project is used up while ${doing}`,
      'run the same command again later: what was done stays done; the quotas page of the Google Cloud console shows it, and raises it',
    )
  if (code === 403 || code === 7)
    return told(
      'cloud_denied',
      `not allowed while ${doing}`,
      'retail infra apply grants every command its roles; docs/gcp.md lists them',
    )
  if (code === 404 || code === 5) return told('missing', `something is not there while ${doing}`, 'retail infra apply')
  return error
}
