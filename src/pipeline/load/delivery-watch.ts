import { isAllDead, type Ledger, type Shortage, shortageOf } from '../delivery/ledger.ts'

export interface DeliveryLimits {
  follow?: boolean
  idleMs?: number
  timeoutMs?: number
}

/** The time without a message after which the ledger is read: it is a query, which costs money. */
const QUIET_MS = 2_000
/** The pauses between readings while nothing comes. */
const FIRST_PAUSE_MS = 5_000
const LONGEST_PAUSE_MS = 60_000
/** Longer than the lease of a message whose loader died, and the longest pause before it is delivered again. */
export const DEFAULT_TIMEOUT_MS = 15 * 60_000

/** Why there is nothing more to wait for. */
export type DeliveryEnd = 'delivered' | 'idle' | 'dead letters' | 'timeout'

/** Decides when a load has nothing more to do: by the ledger, since a quiet subscription says nothing about what waits in it. */
export class DeliveryWatch {
  private readonly read: () => Promise<Ledger>
  private readonly limits: DeliveryLimits
  private readonly started: number
  private ledger: { at: number; complete: boolean } | undefined
  private reading = false
  private pauseMs = FIRST_PAUSE_MS
  /** Published events that had not arrived at the last reading. */
  shortage: Shortage | undefined

  constructor(read: () => Promise<Ledger>, limits: DeliveryLimits, started: number) {
    this.read = read
    this.limits = limits
    this.started = started
  }

  /** `lastCame`: when the last message came. Called often, while nothing is on its way to the warehouse. */
  check(lastCame: number, now: number, fail: (error: unknown) => void): DeliveryEnd | undefined {
    const { follow = false, idleMs, timeoutMs = DEFAULT_TIMEOUT_MS } = this.limits
    if (follow || this.reading) return undefined
    const quietSince = Math.max(lastCame, this.started)
    if (now - quietSince < (idleMs ?? QUIET_MS)) return undefined
    const known = this.ledger && this.ledger.at >= quietSince ? this.ledger : undefined
    if (known?.complete) return idleMs === undefined ? 'delivered' : 'idle'
    if (known && this.shortage && isAllDead(this.shortage)) return 'dead letters'
    if (known && now - quietSince >= timeoutMs) return 'timeout'
    if (!known) this.pauseMs = FIRST_PAUSE_MS
    if (!known || now - known.at >= this.pauseMs) this.readNow(fail)
    return undefined
  }

  private readNow(fail: (error: unknown) => void): void {
    this.reading = true
    this.read()
      .then((ledger) => {
        this.shortage = shortageOf(ledger)
        if (this.ledger) this.pauseMs = Math.min(LONGEST_PAUSE_MS, this.pauseMs * 2)
        this.ledger = { at: performance.now(), complete: this.shortage === undefined }
      })
      .catch(fail)
      .finally(() => (this.reading = false))
  }
}
