import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'

/** The core's only source of time. The simulator reads none: its caller says up to which second to simulate. */
export interface Clock {
  /** The system clock, milliseconds since 1970; somebody may change it. */
  now(): number
  /** Milliseconds that only increase, for durations. */
  elapsed(): number
  /** The instant on which all processes of this machine agree; changing the system clock does not affect it. */
  moment(): Moment
  /** Resolves after this many milliseconds; rejects when `signal` aborts. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>
}

/** Milliseconds since one boot of the machine. Moments of different boots cannot be ordered. */
export interface Moment {
  boot: string
  ms: number
}

const machine: Clock = {
  now: () => Date.now(),
  elapsed: () => performance.now(),
  moment: () => ({ boot: boot(), ms: Number(process.hrtime.bigint() / 1_000_000n) }),
  sleep: (ms, signal) => sleep(ms, undefined, { signal }),
}

/** The clock of this process. */
export let clock: Clock = machine

/** Installs another clock, for a simulation; without an argument, the real one. Each thread has its own. */
export function useClock(other: Clock = machine): void {
  clock = other
}

/**
 * Identifies this boot of the machine. If the kernel does not provide it, all boots are equal, and a smaller `ms` means
 * a later boot.
 */
function boot(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim()
  } catch {
    // This kernel does not say.
    return ''
  }
}

/** Whether this much time has passed since a moment. Nothing that was open before the last boot is open now. */
export const hasPassed = (since: Moment, ms: number, now: Moment): boolean =>
  now.boot !== since.boot || now.ms < since.ms || now.ms - since.ms >= ms
