/** A service does not answer, or not as it should, and its call is repeated. */
export interface Outage {
  /** What the last call met. */
  why: string
  /** Since the first failure. */
  seconds: number
}

/** Trouble that passes sooner is not reported. */
const PATIENCE_MS = 5_000
/** Trouble that comes back within this time is the same outage. */
const QUIET_MS = 15_000
const LOOK_MS = 250
/** A call that fails when the process is asked to stop is repeated for this long: it may be the last one. */
const GRACE_MS = 3_000

/** The calls of this process that meet trouble, and why. */
const troubles = new Map<object, string>()
let listener: ((why: string | undefined) => void) | undefined

/** Notes why a call is repeated; undefined when it has ended. */
export function noteTrouble(call: object, why: string | undefined): void {
  if (why === undefined) troubles.delete(call)
  else troubles.set(call, why)
  listener?.(troubleNow())
}

/** Why something of this process waits now; undefined if nothing does. */
export function troubleNow(): string | undefined {
  const [first] = troubles.values()
  return first
}

let over = new AbortController()

/** Aborts soon after this process was asked to stop. Then it waits for nothing that is in trouble. */
export const waitingIsOver = (): AbortSignal => over.signal

/** The process was asked to stop. */
export function stopWaiting(): Disposable {
  const timer = setTimeout(() => over.abort(), GRACE_MS).unref()
  return {
    [Symbol.dispose]() {
      clearTimeout(timer)
      over = new AbortController()
    },
  }
}

/** For a worker thread, whose outages another thread reports. */
export const onTrouble = (tell: (why: string | undefined) => void): void => void (listener = tell)

/**
 * Reports every outage of this process that lasts: after five seconds, and whenever its duration has doubled. Nothing
 * else tells a person why a command stands still.
 */
export function watchOutages(report: (outage: Outage) => void): Disposable {
  const watch = new OutageWatch(report)
  const timer = setInterval(() => watch.look(performance.now(), troubleNow()), LOOK_MS).unref()
  return { [Symbol.dispose]: () => clearInterval(timer) }
}

export class OutageWatch {
  private readonly report: (outage: Outage) => void
  private since = 0
  /** Of the trouble that was seen last. */
  private seen = Number.NEGATIVE_INFINITY
  private next = PATIENCE_MS

  constructor(report: (outage: Outage) => void) {
    this.report = report
  }

  /** Called often, with what fails now. */
  look(now: number, trouble: string | undefined): void {
    if (trouble === undefined) return
    if (now - this.seen > QUIET_MS) {
      this.since = now
      this.next = PATIENCE_MS
    }
    this.seen = now
    const ms = now - this.since
    if (ms < this.next) return
    while (this.next <= ms) this.next *= 2
    this.report({ why: trouble, seconds: Math.round(ms / 1000) })
  }
}
