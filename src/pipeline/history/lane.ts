/** Bytes that a worker thread fills and the main thread takes, in order. The memory is shared: nothing is copied between them. */
export interface Lane {
  bytes: SharedArrayBuffer
  /** how many slots are free; below zero: nobody takes them any more */
  free: Int32Array
}

/** Enough for what a block sells in a day or two, so that a worker can be that far ahead of its turn. */
const SLOT_BYTES = 1 << 19
const SLOTS = 12
const ENDED = -1 << 20

export const openLane = (): Lane => ({
  bytes: new SharedArrayBuffer(SLOT_BYTES * SLOTS),
  free: new Int32Array(new SharedArrayBuffer(4)).fill(SLOTS),
})

/** The worker's end: slots in turn, each when it is free. Undefined when there will be none. */
export function slotsOf({ bytes, free }: Lane): () => Uint8Array | undefined {
  let taken = 0
  return () => {
    // Who is late with a notify wakes us when we have taken that slot already, and there may be none.
    while (Atomics.load(free, 0) === 0) Atomics.wait(free, 0, 0)
    if (Atomics.load(free, 0) < 0) return undefined
    Atomics.sub(free, 0, 1)
    return new Uint8Array(bytes, (taken++ % SLOTS) * SLOT_BYTES, SLOT_BYTES)
  }
}

/** What a worker says of a slot it filled; without bytes, that a stretch of rows is all there. */
export interface Filled {
  sizeBytes: number
  rows: number
  ends: boolean
}

export interface LaneReader {
  /** what the worker said */
  push(filled: Filled): void
  /** Takes the rows up to the end of the stretch, a slot at a time. Rejects with what the lane was ended for. */
  stretch(take: (bytes: Uint8Array, rows: number) => Promise<void>): Promise<void>
  /** Nothing more will be pushed: who waits for rows that are not there is told. */
  close(): void
  /** Lets go of a worker that waits for room; nothing is taken any more. */
  end(why: unknown): void
}

/** The main thread's end. */
export function readLane({ bytes, free }: Lane): LaneReader {
  const queue: Filled[] = []
  let read = 0
  let ended: { why: unknown } | undefined
  let closed = false
  let wake = () => {}
  const next = async (): Promise<Filled> => {
    while (queue.length === 0 && !ended && !closed) await new Promise<void>((resolve) => (wake = resolve))
    if (ended) throw ended.why
    const filled = queue.shift()
    if (!filled) throw new Error('a worker thread ended before its rows were all there')
    return filled
  }
  return {
    push(filled) {
      queue.push(filled)
      wake()
    },
    async stretch(take) {
      for (let filled = await next(); !filled.ends; filled = await next()) {
        await take(new Uint8Array(bytes, (read++ % SLOTS) * SLOT_BYTES, filled.sizeBytes), filled.rows)
        Atomics.add(free, 0, 1)
        Atomics.notify(free, 0)
      }
    },
    close() {
      closed = true
      wake()
    },
    end(why) {
      ended ??= { why }
      Atomics.store(free, 0, ENDED)
      Atomics.notify(free, 0)
      wake()
    },
  }
}
