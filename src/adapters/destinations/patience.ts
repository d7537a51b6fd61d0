import { setTimeout as sleep } from 'node:timers/promises'
import { RetailError } from '../../errors.ts'
import { firstLine } from '../../system-errors.ts'

const FIRST_WAIT_MS = 100
const LONGEST_WAIT_MS = 5_000
/** How long to wait at the start, for a server that is starting, too. */
export const OPENING_MS = 8_000

/** Waits for a server that fails or is away: repeats work until it succeeds, or until waiting cannot help. */
export class Patience {
  /** Why the last try failed; undefined while nothing fails. */
  trouble: string | undefined
  private readonly location: string
  private readonly ended = new AbortController()
  private readonly signal: AbortSignal
  private readonly refusal: (error: unknown) => RetailError | undefined

  /** `refusal` explains an error that a later try would meet again; undefined for one that may pass. */
  constructor(location: string, signal: AbortSignal | undefined, refusal: (error: unknown) => RetailError | undefined) {
    this.location = location
    this.signal = signal ? AbortSignal.any([signal, this.ended.signal]) : this.ended.signal
    this.refusal = refusal
  }

  /**
   * `work` learns for how many milliseconds its last failure asked to be left alone, and must not repeat what has
   * succeeded. `forMs`: after this time, it fails with `missing`.
   */
  async keepTrying<T>(work: () => Promise<T>, forMs = Number.POSITIVE_INFINITY): Promise<T> {
    const began = performance.now()
    for (let wait = FIRST_WAIT_MS; ; wait = Math.min(2 * wait, LONGEST_WAIT_MS)) {
      try {
        const result = await work()
        this.trouble = undefined
        return result
      } catch (error) {
        const refusal = error instanceof RetailError ? error : this.refusal(error)
        if (refusal) throw refusal
        this.trouble = reasonOf(innermost(error))
        if (this.signal.aborted) throw this.stopped(error)
        if (performance.now() - began + wait > forMs) throw this.absent(error)
        const ms = Math.max(wait, error instanceof LeaveAlone ? error.ms : 0)
        // A stop ends the wait; the work is then tried once more.
        await sleep(ms, undefined, { signal: this.signal }).catch(() => {})
      }
    }
  }

  /** Ends all waiting. */
  end(): void {
    this.ended.abort()
  }

  private stopped(cause: unknown): RetailError {
    return new RetailError('stopped', `stopped while ${this.location} took no events`, {
      why: this.trouble,
      hint: 'run the same command again when it is back: what it does not have yet is sent again',
      cause,
    })
  }

  private absent(cause: unknown): RetailError {
    return new RetailError('missing', `${this.location} cannot be reached`, {
      why: this.trouble,
      hint: 'check the address, and whether the server is running',
      cause,
    })
  }
}

/** A failure whose server said when to try again. */
export class LeaveAlone extends Error {
  readonly ms: number

  constructor(message: string, ms: number) {
    super(message)
    this.ms = ms
  }
}

/** The reason in one line. Node reports a refused connection to a name with two addresses as an error without words. */
export function reasonOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return reasonOf(error.errors[0])
  const { code } = Object(error) as { code?: unknown }
  return firstLine(error) || (typeof code === 'string' ? code : 'no reason given')
}

/** Errors of a name that does not exist: no wait helps. */
export const isUnknownHost = (error: unknown): boolean => ['ENOTFOUND', 'EAI_NONAME'].includes(codeOf(error) ?? '')

/** The code of an error, of its cause, or of the first error in it. */
export function codeOf(error: unknown): string | undefined {
  const { code, cause, errors } = Object(error) as { code?: unknown; cause?: unknown; errors?: unknown[] }
  if (typeof code === 'string' && /^E[A-Z_]+$|^[0-9A-Z]{5}$/.test(code)) return code
  return (cause ? codeOf(cause) : undefined) ?? (errors?.length ? codeOf(errors[0]) : undefined)
}

export const unknownHost = (location: string, error: unknown): RetailError =>
  new RetailError('missing', `the host of ${location} does not exist`, {
    why: reasonOf(error),
    hint: 'check the address',
    cause: error,
  })

/** The message of the innermost error, which says most. */
export function innermost(error: unknown): Error {
  const { cause, errors } = Object(error) as Record<string, unknown>
  const next = Array.isArray(errors) && errors.length > 0 ? errors[0] : cause
  return next ? innermost(next) : (error as Error)
}
