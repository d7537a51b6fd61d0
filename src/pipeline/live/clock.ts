import { clock } from '../../clock.ts'

/** A stream's source of time. Tests pass one that they move. */
export interface StreamClock {
  /** Milliseconds since an arbitrary moment; never decreases, whatever happens to the system clock. */
  now(): number
  /** Milliseconds since 1970 by the system clock, which people and time servers set forward and back. */
  wall(): number
  /** Resolves after this duration, or immediately when the signal aborts. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>
}

export const machineClock: StreamClock = {
  now: () => clock.elapsed(),
  wall: () => clock.now(),
  sleep: (ms, signal) =>
    clock.sleep(ms, signal).catch((error) => {
      if (!signal?.aborted) throw error
    }),
}

/** Milliseconds since the machine's boot: all its processes agree on it, and nobody sets it. */
export const uptimeMs = (): number => Number(process.hrtime.bigint() / 1_000_000n)
