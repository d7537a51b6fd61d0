import type { Clock } from '../../src/clock.ts'

let passed = 0

/** Milliseconds that have passed, to go on from there. */
export const clockIs = (): number => passed
export function setClock(ms: number): void {
  passed = ms
}

/** Goes on only when somebody waits, and then at once. */
export const simulatedClock: Clock = {
  now: () => Date.UTC(2026, 0, 1) + passed,
  elapsed: () => passed,
  moment: () => ({ boot: 'simulated', ms: passed }),
  async sleep(ms, signal) {
    passed += ms
    // DuckDB's threads and other promises get their turn.
    await new Promise(setImmediate)
    signal?.throwIfAborted()
  },
}
