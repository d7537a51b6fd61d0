/** A load waits for a service. */
export interface LoadWaiting {
  /** Why the last call failed. */
  why: string
  /** Since the first failure. */
  seconds: number
}

/** Trouble that passes sooner is not reported. */
const PATIENCE_MS = 5_000

/** Reports trouble that lasts: after five seconds, and whenever its duration has doubled. */
export class OutageWatch {
  private readonly report: (waiting: LoadWaiting) => void
  private since: number | undefined
  private next = PATIENCE_MS

  constructor(report: (waiting: LoadWaiting) => void) {
    this.report = report
  }

  /** How long the trouble that was seen last has been lasting. */
  seconds = (now: number): number => (this.since === undefined ? 0 : Math.round((now - this.since) / 1000))

  /** Called often, with what fails now. */
  look(now: number, trouble: string | undefined): void {
    if (trouble === undefined) {
      this.since = undefined
      this.next = PATIENCE_MS
      return
    }
    this.since ??= now
    const ms = now - this.since
    if (ms < this.next) return
    while (this.next <= ms) this.next *= 2
    this.report({ why: trouble, seconds: this.seconds(now) })
  }
}
