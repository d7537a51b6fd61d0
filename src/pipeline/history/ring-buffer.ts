/** A ring buffer from a worker thread to the main thread. The memory is shared, so nothing is copied between them. */
export interface RingBuffer {
  bytes: SharedArrayBuffer
  /** Number of free slots; below zero: the reader has stopped. */
  free: Int32Array
}

/** Holds what a block sells in a day or two, so that a worker can be that far ahead of its turn. */
const SLOT_BYTES = 1 << 19
const SLOTS = 12
const ENDED = -1 << 20

export const openRingBuffer = (): RingBuffer => ({
  bytes: new SharedArrayBuffer(SLOT_BYTES * SLOTS),
  free: new Int32Array(new SharedArrayBuffer(4)).fill(SLOTS),
})

/** The worker's end: yields slots in order, each when it is free. Returns undefined when the reader has stopped. */
export function slotsOf({ bytes, free }: RingBuffer): () => Uint8Array | undefined {
  let taken = 0
  return () => {
    // A late notify may wake this thread although the slot has already been taken and none is free.
    while (Atomics.load(free, 0) === 0) Atomics.wait(free, 0, 0)
    if (Atomics.load(free, 0) < 0) return undefined
    Atomics.sub(free, 0, 1)
    return new Uint8Array(bytes, (taken++ % SLOTS) * SLOT_BYTES, SLOT_BYTES)
  }
}

/** The message for a filled slot; without bytes, it marks the end of a range of rows. */
export interface Filled {
  sizeBytes: number
  rows: number
  ends: boolean
}

export interface RingBufferReader {
  /** A message of the worker. */
  push(filled: Filled): void
  /** Reads rows up to the end of the range, slot by slot. Rejects with the error that ended the ring. */
  drain(take: (bytes: Uint8Array, rows: number) => Promise<void>): Promise<void>
  /** No more messages will arrive: a reader that waits for missing rows gets an error. */
  close(): void
  /** Releases a worker that waits for a free slot; nothing is read any more. */
  end(why: unknown): void
}

/** The main thread's end. */
export function readRingBuffer({ bytes, free }: RingBuffer): RingBufferReader {
  const queue: Filled[] = []
  let read = 0
  let ended: { why: unknown } | undefined
  let closed = false
  let wake = () => {}
  const next = async (): Promise<Filled> => {
    while (queue.length === 0 && !ended && !closed) await new Promise<void>((resolve) => (wake = resolve))
    if (ended) throw ended.why
    const filled = queue.shift()
    if (!filled) throw new Error('a worker thread ended before it delivered all of its rows')
    return filled
  }
  return {
    push(filled) {
      queue.push(filled)
      wake()
    },
    async drain(take) {
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
