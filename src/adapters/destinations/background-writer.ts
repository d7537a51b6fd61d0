/** Milliseconds that a transaction should take: Ctrl-C is answered, and progress shown, in between. */
const GROUP_MS = 500
const LEAST_EVENTS = 200
const MOST_EVENTS = 240_000
/** While the speed of the place is unknown. */
const FIRST_EVENTS = 5_000
/** From one group to the next. */
const GROWTH = 4

interface Options<Item> {
  /** Writes everything or nothing, and begins where the last group has ended. */
  write: (group: readonly Item[]) => Promise<void>
  /** Events in an item. */
  sizeOf: (item: Item) => number
}

/**
 * Writes items in the background, one group after the other. What arrives while a group is being written is the next
 * one, so groups are as large as the place behind them is slow, up to what it takes in half a second.
 */
export class BackgroundWriter<Item> {
  private readonly options: Options<Item>
  private next: Item[] = []
  private nextEvents = 0
  private most = FIRST_EVENTS
  private running: Promise<void> | undefined
  /** Lets whoever waits for a group to begin go on. */
  private begun: () => void = () => {}
  private failure: unknown

  constructor(options: Options<Item>) {
    this.options = options
  }

  /** Resolves when it can take the next item; rejects if a write has failed. */
  async add(item: Item): Promise<void> {
    if (this.failure) throw this.failure
    this.next.push(item)
    this.nextEvents += this.options.sizeOf(item)
    this.running ??= this.run()
    if (this.nextEvents < this.most) return
    const begun = new Promise<void>((resolve) => (this.begun = resolve))
    await Promise.race([begun, this.running])
    if (this.failure) throw this.failure
  }

  /** Resolves when everything is written; rejects if a write has failed. */
  async flush(): Promise<void> {
    await this.running
    if (this.failure) throw this.failure
  }

  /** Never rejects: `add` and `flush` report the failure. */
  private async run(): Promise<void> {
    // Whoever adds the first item goes on before it is written.
    await undefined
    try {
      while (this.next.length > 0) {
        const [group, events] = [this.next, this.nextEvents]
        this.next = []
        this.nextEvents = 0
        this.begun()
        const began = performance.now()
        await this.options.write(group)
        const taken = (events / Math.max(1, performance.now() - began)) * GROUP_MS
        this.most = Math.max(LEAST_EVENTS, Math.min(MOST_EVENTS, GROWTH * this.most, Math.round(taken)))
      }
    } catch (error) {
      this.failure = error
    }
    this.running = undefined
  }
}
