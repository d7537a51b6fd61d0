import { setTimeout as sleep } from 'node:timers/promises'
import { type Advice, advise, retail } from '../../advice.ts'
import { documentPath } from '../../documents.ts'
import { RetailError } from '../../errors.ts'
import { noteTrouble, waitingIsOver } from '../../outages.ts'

/**
 * Scales a wait or timeout, in milliseconds. RETAIL_EMULATOR_HASTE, which works with emulators only, divides all of
 * them, so that a test takes seconds instead of minutes.
 */
export const scaledForEmulator = (ms: number): number =>
  ms / ((process.env.PUBSUB_EMULATOR_HOST && Number(process.env.RETAIL_EMULATOR_HASTE)) || 1)

/** For a name that cannot be resolved before anything of Google Cloud has answered: then there is no network. */
const NO_NETWORK_MS = 8_000
let hasAnswered = false

export interface RetrySite {
  /**
   * Calls until the call succeeds, fails for a permanent reason, or the patience runs out; then it throws the last
   * error, also soon after the process was asked to stop. While it waits, it notes its trouble.
   */
  run<T>(work: () => Promise<T>, retryable: (error: unknown) => boolean, signal?: AbortSignal): Promise<T>
}

export interface RetryOptions {
  /** How long a call may keep failing before its error is thrown. */
  patienceMs: number
  firstMs?: number
  mostMs?: number
}

export interface RetryClock {
  now(): number
  /** Rejects on abort. */
  sleep(ms: number, signal: AbortSignal | undefined): Promise<unknown>
}

const ours: RetryClock = {
  now: () => performance.now(),
  sleep: (ms, signal) => sleep(ms, undefined, { signal }),
}

/** Retries per minute of one place, however many of its calls fail at the same time. */
const RETRIES_A_MINUTE = 12

/** A place that calls a service of the cloud. Waits double and have jitter, so that processes do not retry in lockstep. */
export function retrySite(
  service: string,
  { patienceMs, firstMs = 1_000, mostMs = 64_000 }: RetryOptions,
  clock: RetryClock = ours,
): RetrySite {
  const recent: number[] = []

  async function turn(waitMs: number, signal: AbortSignal | undefined): Promise<void> {
    const due = clock.now() + scaledForEmulator(waitMs)
    const free =
      recent.length < RETRIES_A_MINUTE ? 0 : recent[recent.length - RETRIES_A_MINUTE] + scaledForEmulator(60_000)
    const at = Math.max(due, free)
    recent.push(at)
    if (recent.length > RETRIES_A_MINUTE) recent.shift()
    await clock.sleep(Math.max(0, at - clock.now()), signal)
  }

  return {
    async run(work, retryable, signal) {
      const start = clock.now()
      const call = {}
      try {
        for (let attempt = 0; ; attempt++) {
          try {
            const result = await work()
            hasAnswered = true
            return result
          } catch (error) {
            const longest = Math.min(mostMs, firstMs * 2 ** attempt)
            const waitMs = longest / 2 + (Math.random() * longest) / 2
            if (
              signal?.aborted ||
              waitingIsOver().aborted ||
              !retryable(error) ||
              (!hasAnswered && isUnresolved(error) && clock.now() - start > NO_NETWORK_MS) ||
              clock.now() - start + scaledForEmulator(waitMs) > scaledForEmulator(patienceMs)
            )
              throw error
            noteTrouble(call, `calls to ${service} fail: ${callErrorOf(error).message.split('\n')[0]}`)
            // Only an abort ends the wait early; the failed call is reported.
            await turn(waitMs, AbortSignal.any([waitingIsOver(), ...(signal ? [signal] : [])])).catch(() => {
              throw error
            })
          }
        }
      } finally {
        noteTrouble(call, undefined)
      }
    },
  }
}

/** A call is late after this share of its timeout: ten seconds of a minute. */
const LATE = 1 / 6

/**
 * Abandons a call after its timeout, which counts as a retryable failure. The request may still arrive. `lateMs`: when
 * an answer is overdue, which is trouble. A process that was asked to stop does not wait for what is overdue.
 */
export async function within<T>(ms: number, doing: string, work: Promise<T>, lateMs = ms * LATE): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  let overdue: NodeJS.Timeout | undefined
  const call = {}
  const over = waitingIsOver()
  let give = () => {}
  const late = new Promise<never>((_, reject) => {
    const began = performance.now()
    give = () =>
      reject(new TimeoutError(`no answer in ${Math.round((performance.now() - began) / 1000)} s while ${doing}`))
    timer = setTimeout(give, scaledForEmulator(ms))
    overdue = setTimeout(() => {
      noteTrouble(call, `no answer yet while ${doing}`)
      if (over.aborted) give()
      else over.addEventListener('abort', give)
    }, scaledForEmulator(lateMs))
  })
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
    clearTimeout(overdue)
    over.removeEventListener('abort', give)
    noteTrouble(call, undefined)
    // The race has its error; a late one is of nobody's interest.
    work.catch(() => {})
  }
}

class TimeoutError extends Error {
  override readonly name = 'TimeoutError'
  readonly code = 'ETIMEDOUT'
}

/** The fields of a call's error that we read; Google's clients throw several types. */
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

/** True for a transient failure: throttling, an unavailable server, a broken connection. */
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

const isUnresolved = (error: unknown): boolean => {
  const { code, message } = callErrorOf(error)
  return code === 'ENOTFOUND' || code === 'EAI_AGAIN' || /ENOTFOUND|EAI_AGAIN|name resolution failed/i.test(message)
}

/** True for HTTP 404 and gRPC NOT_FOUND. */
export const isNotFound = (error: unknown): boolean => [404, 5].includes(Number(callErrorOf(error).code))

/** True for HTTP 412: another process wrote the object in the meantime, or we did and the response was lost. */
export const isTaken = (error: unknown): boolean => callErrorOf(error).code === 412

/** Servers may repeat in a message what they received. */
export const redact = (text: string): string =>
  text
    .replace(/\bya29\.[\w.-]+/g, '<token>')
    .replace(/\b(Bearer|Basic)\s+[\w.~+/=-]+/gi, '$1 <token>')
    .replace(/-----BEGIN [^-]+-----[\s\S]*?(-----END [^-]+-----|$)/g, '<key>')
    .replace(/\beyJ[\w-]+\.[\w-]+\.[\w-]*/g, '<token>')
    .replace(
      // Also inside JSON text that is the value of another JSON document.
      /((?:access_token|refresh_token|id_token|private_key|client_secret)[\\"]*\s*[:=]\s*[\\"]*)[^\s",}\\]+/g,
      '$1<secret>',
    )

/**
 * Turns the foreseen failures of a call into errors that name the command to run; returns any other error unchanged.
 */
export function explainCloudError(error: unknown, doing: string): unknown {
  if (error instanceof RetailError) return error
  const { code, reason, message } = callErrorOf(error)
  const why = message.split('\n')[0]
  const foreseen = (to: ConstructorParameters<typeof RetailError>[0], text: string, hint: Advice, passes = false) =>
    new RetailError(to, text, { why, hint, cause: error, passes })
  if (
    /could not load the default credentials|invalid_grant|invalid_rapt|reauth|could not refresh access token/i.test(
      message,
    )
  )
    return foreseen(
      'cloud_denied',
      `not logged in to Google Cloud while ${doing}`,
      'gcloud auth application-default login',
    )
  if (isUnresolved(error))
    return foreseen('missing', `Google Cloud cannot be reached while ${doing}`, 'check the network of this machine')
  if (isTransient(error))
    return foreseen(
      'failed',
      `Google Cloud did not answer while ${doing}`,
      'run the same command again: finished work is kept',
      true,
    )
  if (code === 401 || code === 16)
    return foreseen(
      'cloud_denied',
      `Google Cloud rejected the credentials while ${doing}`,
      'gcloud auth application-default login',
    )
  if (reason === 'quotaExceeded')
    return foreseen(
      'failed',
      `a quota of the project was exceeded while ${doing}`,
      'run the same command again later: finished work is kept; to see or raise the quota, open the quotas page of the Google Cloud console',
      true,
    )
  if (code === 403 || code === 7)
    return foreseen(
      'cloud_denied',
      `not allowed while ${doing}`,
      advise`${retail('infra', 'apply')} grants every command its roles; ${documentPath('docs/gcp.md')} lists them`,
    )
  if (code === 404 || code === 5)
    return foreseen('missing', `a resource does not exist: ${doing}`, advise`${retail('infra', 'apply')}`)
  return error
}
